//! The same rooms for programs.

use super::pages::csrf;
use super::*;
use serde_json::Value;

async fn call(site: &Site, method: &str, path: &str, body: &str) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header("x-person", "Mara König".as_bytes())
        .body(Body::from(body.to_owned()))
        .unwrap();
    let reply = site.send(request).await;
    (reply.status, serde_json::from_str(&reply.body).unwrap_or(Value::String(reply.body)))
}

fn example(path: &str) -> String {
    let path = path
        .replace("{number}", "SO-000697")
        .replace("{flow}", "orders")
        .replace("{id}", "7410003")
        .replace("{version}", "12")
        .replace("{day}", "2026-11-22");
    if path.starts_with("/api/v1/flows") {
        path.replace("{verb}", "run-now")
    } else {
        path.replace("{verb}", "retry")
    }
}

#[tokio::test]
async fn every_route_answers_and_stands_in_the_description() {
    let site = Site::new(World::Busy);
    let document: Value = serde_json::from_str(&site.get("/api/openapi.json").await.body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let table = crate::api::table();
    assert!(table.len() >= 11);
    for route in &table {
        let told = &document["paths"][route.path][route.method];
        assert!(told["summary"].is_string(), "{} {}", route.method, route.path);
        for part in route.path.split('/').filter_map(|p| p.strip_prefix('{')) {
            let name = part.trim_end_matches('}');
            let parameters = told["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{name}");
        }
        let path = example(route.path);
        let path = if path.ends_with("/search") { format!("{path}?q=SO-") } else { path };
        let body = r#"{"hold":"before-cut-off|released|","why":"because"}"#;
        let method = route.method.to_uppercase();
        let of_settings = r#"{"document":"[connection]","file":"confirmed = true","version":3,"based_on":12,"why":"because"}"#;
        let body = match (route.body, route.path.starts_with("/api/v1/settings")) {
            (true, true) => of_settings,
            (true, false) => body,
            (false, _) => "",
        };
        let (status, answer) = call(&site, &method, &path, body).await;
        let looks = path.ends_with("/check") || path.ends_with("/preview");
        let asks = route.body && !looks;
        let good = if asks { StatusCode::ACCEPTED } else { StatusCode::OK };
        assert_eq!(status, good, "{method} {path}: {answer}");
        assert!(answer.is_object(), "{path}");
        let bare = Request::builder().method(route.method.to_uppercase().as_str()).uri(&path);
        let reply = site.send(bare.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path} without a token");
    }
}

#[tokio::test]
async fn page_and_api_tell_the_same() {
    let site = Site::entered(World::Busy).await;
    let (_, overview) = call(&site, "GET", "/api/v1/overview", "").await;
    let sentence = overview["sentence"]["text"].as_str().unwrap();
    assert!(site.get("/").await.body.contains(sentence));
    assert_eq!(overview["counters"]["released"], 1_412);
    let (_, order) = call(&site, "GET", "/api/v1/orders/SO-000697", "").await;
    assert_eq!(order["row"]["state"], "shipped");
    assert_eq!(order["parcels"][0]["tracking"], "1Z999AA10123456784");
    assert_eq!(order["parcels"][0]["centre"], "8, Bethlehem (PA)");
    let (_, status) = call(&site, "GET", "/api/v1/status", "").await;
    assert_eq!(status["warehouses"][0]["centres"], serde_json::json!([1, 8]));
    assert!(order["timeline"][0]["at"].as_str().unwrap().ends_with('Z'), "times are RFC 3339");
}

#[tokio::test]
async fn commands_of_programs_name_the_person_and_repeat_harmlessly() {
    let site = Site::new(World::Busy);
    let path = "/api/v1/orders/SO-000640/skip";
    let body = r#"{"why":"shipped by hand","request_id":"ticket4711"}"#;
    for _ in 0..2 {
        let (status, answer) = call(&site, "POST", path, body).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        assert_eq!(answer["request_id"], "ticket4711");
    }
    let commands = site.sample.commands();
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0].request_id, "ticket4711");
    assert_eq!(commands[0].who, "Mara König");
}

#[tokio::test]
async fn every_hold_of_a_cause_is_asked_at_once() {
    let site = Site::new(World::Busy);
    let (_, held) = call(&site, "GET", "/api/v1/holds", "").await;
    let groups = held["groups"].as_array().unwrap();
    let cause = groups[0]["cause"].as_str().unwrap();
    let orders: std::collections::BTreeSet<&str> = groups
        .iter()
        .filter(|group| group["cause"] == cause)
        .flat_map(|group| group["orders"].as_array().unwrap())
        .map(|order| order["number"].as_str().unwrap())
        .collect();
    let body = format!(r#"{{"cause":"{cause}"}}"#);
    let (status, answer) = call(&site, "POST", "/api/v1/holds/retry", &body).await;
    assert_eq!(
        (status, answer["orders"].as_u64()),
        (StatusCode::ACCEPTED, Some(orders.len() as u64))
    );
    let asked: Vec<String> = site.sample.commands().iter().map(|c| c.target.key()).collect();
    assert_eq!(asked.len(), orders.len());
    assert!(asked.iter().all(|order| orders.contains(order.as_str())));
    let body = format!(r#"{{"cause":"{cause}","why":"settled"}}"#);
    let (status, _) = call(&site, "POST", "/api/v1/holds/dismiss", &body).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let dismissed = site.sample.commands().pop().unwrap();
    assert!(dismissed.hold.unwrap().starts_with(&format!("{cause}|")), "each its own hold");
    let (status, _) = call(&site, "POST", "/api/v1/holds/erase", &body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "nobody erases many at once");
}

#[tokio::test]
async fn wrong_requests_are_told_what_to_do() {
    let site = Site::new(World::Busy);
    let wrong = [
        ("POST", "/api/v1/orders/SO-000640/skip", "", 400),
        ("POST", "/api/v1/orders/SO-000640/skip", r#"{"whyy":"x"}"#, 400),
        ("POST", "/api/v1/orders/SO-000640/explode", "", 400),
        ("POST", "/api/v1/orders/SO-9/retry", "", 404),
        ("POST", "/api/v1/holds/retry", r#"{"hold":"a|b|c"}"#, 404),
        ("POST", "/api/v1/holds/retry", r#"{"cause":"no-such-cause"}"#, 404),
        ("POST", "/api/v1/orders/SO-000640/erase", "", 400),
        ("POST", "/api/v1/flows/weather/pause", "", 400),
        ("GET", "/api/v1/orders/SO-9", "", 404),
        ("GET", "/api/v1/orders?state=lost", "", 400),
        ("GET", "/api/v1/search", "", 400),
    ];
    for (method, path, body, status) in wrong {
        let (got, answer) = call(&site, method, path, body).await;
        assert_eq!(got.as_u16(), status, "{path}");
        assert!(answer["message"].as_str().unwrap().len() > 10, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}");
    }
    assert!(site.sample.commands().is_empty());
    let (status, answer) = call(&Site::new(World::Down), "GET", "/api/v1/orders", "").await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::SERVICE_UNAVAILABLE, &Value::from("database"))
    );
}

#[tokio::test]
async fn a_session_may_read_but_writes_only_with_its_form_token() {
    let site = Site::entered(World::Busy).await;
    assert_eq!(site.get("/api/v1/orders").await.status, StatusCode::OK);
    let token = csrf(&site.get("/").await.body);
    for (given, status) in [("", StatusCode::FORBIDDEN), (&token, StatusCode::ACCEPTED)] {
        let request = Request::post("/api/v1/orders/SO-000640/retry")
            .header("x-form-token", given)
            .body(Body::empty())
            .unwrap();
        assert_eq!(site.send(request).await.status, status);
    }
}

#[tokio::test]
async fn the_doctor_and_the_drift_are_read_as_kept_and_asked_for_as_commands() {
    let site = Site::new(World::Busy);
    let (_, doctor) = call(&site, "GET", "/api/v1/doctor", "").await;
    assert_eq!(doctor["ready"], false);
    assert_eq!(doctor["report"]["findings"][1]["verdict"], "fail");
    let (_, drift) = call(&site, "GET", "/api/v1/drift", "").await;
    assert_eq!(drift["report"]["found"][0]["kind"], "member-new");
    let (status, asked) = call(&site, "POST", "/api/v1/flows/all/doctor", "").await;
    assert_eq!((status, asked["asked"].as_str()), (StatusCode::ACCEPTED, Some("doctor")));
    let new = Site::new(World::New);
    let (_, doctor) = call(&new, "GET", "/api/v1/doctor", "").await;
    assert!(doctor["report"].is_null());
}
