use crate::webhook::{BODY_LIMIT, Verified, WebhookSecret, verify};
use domain::time::Timestamp;
use http::HeaderMap;
use proptest::prelude::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const STAMP: &str = "1614265330";
const BODY: &[u8] = b"{\"test\": 2432232314}";
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::parse(text).expect("a secret")
}

fn headers(id: &str, stamp: &str, signature: &str) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in
        [("webhook-id", id), ("webhook-timestamp", stamp), ("webhook-signature", signature)]
    {
        if !value.is_empty() {
            map.insert(name, value.parse().expect("a header value"));
        }
    }
    map.insert("x-webhook-topic", "order.shipped".parse().expect("a header value"));
    map
}

#[test]
fn the_documented_vector_is_accepted() {
    let verified = verify(&[secret(SECRET)], &headers(ID, STAMP, SIGNATURE), BODY);
    assert_eq!(
        verified,
        Ok(Verified {
            id: ID.to_owned(),
            timestamp: Timestamp(1_614_265_330_000_000),
            topic: "order.shipped".to_owned(),
            which_secret: 0,
        })
    );
}

#[test]
fn padding_other_versions_and_other_entries_do_not_matter() {
    let bare = SIGNATURE.trim_end_matches('=');
    for signature in [
        bare.to_owned(),
        format!("v1a,xxxx {SIGNATURE}"),
        format!("v1,AAAA {SIGNATURE} v2,zzz"),
        format!("v1,not/base64!! {bare}"),
        format!("  {SIGNATURE}  "),
    ] {
        let result = verify(&[secret(SECRET)], &headers(ID, STAMP, &signature), BODY);
        assert!(result.is_ok(), "{signature}: {result:?}");
    }
}

#[test]
fn the_secret_that_matched_is_told() {
    let other = WebhookSecret::from_random([7; 24]);
    let result = verify(&[other, secret(SECRET)], &headers(ID, STAMP, SIGNATURE), BODY);
    assert_eq!(result.map(|v| v.which_secret), Ok(1));
}

#[test]
fn anything_that_was_not_signed_is_refused() {
    let ours = [secret(SECRET)];
    let cut = &SIGNATURE[..SIGNATURE.len() - 6];
    for (id, stamp, signature, body) in [
        ("msg_other", STAMP, SIGNATURE, BODY),
        (ID, "1614265331", SIGNATURE, BODY),
        (ID, "01614265330", SIGNATURE, BODY),
        (ID, STAMP, SIGNATURE, &b"{\"test\": 2432232315}"[..]),
        (ID, STAMP, SIGNATURE, &b""[..]),
        (ID, STAMP, "v1,", BODY),
        (ID, STAMP, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY),
        (ID, STAMP, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY),
        (ID, STAMP, cut, BODY),
        (ID, STAMP, "", BODY),
        ("", STAMP, SIGNATURE, BODY),
        (ID, "", SIGNATURE, BODY),
        (ID, "soon", SIGNATURE, BODY),
        (ID, "-1614265330", SIGNATURE, BODY),
        (ID, "99999999999999999999", SIGNATURE, BODY),
    ] {
        assert!(verify(&ours, &headers(id, stamp, signature), body).is_err(), "{id} {signature}");
    }
    assert!(verify(&[], &headers(ID, STAMP, SIGNATURE), BODY).is_err());
    let other = [WebhookSecret::from_random([7; 24])];
    assert!(verify(&other, &headers(ID, STAMP, SIGNATURE), BODY).is_err());
    let large = vec![b' '; BODY_LIMIT + 1];
    assert!(verify(&ours, &headers(ID, STAMP, SIGNATURE), &large).is_err());
}

#[test]
fn only_real_secrets_are_taken() {
    for text in
        ["", "whsec_", "whsec_AAAA", "whsec_!!!!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw*"]
    {
        assert!(WebhookSecret::parse(text).is_err(), "{text}");
    }
    let long = format!("whsec_{}", "A".repeat(120));
    assert!(WebhookSecret::parse(&long).is_err());
    assert_eq!(secret(&SECRET[6..]).expose().as_str(), SECRET);
    let made = WebhookSecret::from_random([255; 24]).expose();
    assert_eq!(made.len(), 6 + 32, "the form ShipBob takes");
}

proptest! {
    /// What another implementation signs is accepted, and one changed bit is not.
    #[test]
    fn agrees_with_the_reference_implementation(
        key in prop::array::uniform24(any::<u8>()),
        id in "msg_[a-zA-Z0-9.]{1,40}",
        stamp in 1_000_000_000i64..9_999_999_999,
        body in "\\PC{0,300}",
        flip in any::<prop::sample::Index>(),
    ) {
        let oracle = standardwebhooks::Webhook::from_bytes(key.to_vec()).expect("any key");
        let signature = oracle.sign(&id, stamp, body.as_bytes()).expect("text");
        let ours = [WebhookSecret::from_random(key)];
        let map = headers(&id, &stamp.to_string(), &signature);
        let verified = verify(&ours, &map, body.as_bytes()).expect("the oracle signed it");
        prop_assert_eq!(verified.id, id);
        prop_assert_eq!(verified.timestamp, Timestamp(stamp * 1_000_000));
        if !body.is_empty() {
            let mut bytes = body.clone().into_bytes();
            let at = flip.index(bytes.len());
            bytes[at] ^= 1;
            prop_assert!(verify(&ours, &map, &bytes).is_err());
        }
    }

    /// Both refuse what neither signed.
    #[test]
    fn nothing_random_is_accepted(signature in "v1,[A-Za-z0-9+/]{43}=", body in "\\PC{0,50}") {
        let ours = [secret(SECRET)];
        prop_assert!(verify(&ours, &headers(ID, STAMP, &signature), body.as_bytes()).is_err());
    }
}
