//! The vendor's documents, which stand beside the checkout and are never part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::book::root;

/// `../shared/contracts` seen from the workspace; `None`, loudly, when it is not there.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = root().join("..").join("shared").join("contracts");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: vendor documents not found at {}", folder.display());
    None
}

/// Reads one JSON document of that folder.
pub(crate) fn json(name: &str) -> Option<Value> {
    let path = folder()?.join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}")))
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn named<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|row| row["name"] == name)
}

/// The F&O metadata: entity sets with properties, enums with members.
pub(crate) struct Metadata(Value);

impl Metadata {
    pub(crate) fn read() -> Option<Self> {
        json("d365fo-entities.json").map(Self)
    }

    fn set(&self, set: &str) -> Option<&Value> {
        self.0["entities"].as_array()?.iter().find(|row| row["entity_set"] == set)
    }

    pub(crate) fn has(&self, set: &str) -> bool {
        self.set(set).is_some()
    }

    pub(crate) fn keys(&self, set: &str) -> BTreeSet<String> {
        self.set(set).map(|s| texts(&s["keys"])).unwrap_or_default()
    }

    pub(crate) fn read_only(&self, set: &str) -> bool {
        self.set(set).is_some_and(|s| s["read_only"] == true)
    }

    pub(crate) fn navigates(&self, set: &str, name: &str) -> bool {
        self.set(set).is_some_and(|s| named(&s["navigation"], name).is_some())
    }

    /// The type of a property in our words; an enum by its bare name.
    pub(crate) fn property(&self, set: &str, name: &str) -> Option<String> {
        let property = named(&self.set(set)?["properties"], name)?;
        let edm = property["type"].as_str()?;
        Some(match edm {
            "Edm.DateTimeOffset" => "datetime".to_owned(),
            _ => match edm.strip_prefix("Edm.") {
                Some(plain) => plain.to_lowercase(),
                None => property["enum"].as_str()?.to_owned(),
            },
        })
    }

    pub(crate) fn member(&self, name: &str, member: &str) -> Option<i64> {
        named(&self.0["enums"][name]["members"], member)?["value"].as_i64()
    }

    pub(crate) fn spelling(&self, name: &str) -> Option<&str> {
        self.0["enums"][name]["name_status"].as_str()
    }
}

/// An OpenAPI document.
pub(crate) struct OpenApi(Value);

/// What a schema says about one property.
#[derive(Debug)]
pub(crate) struct Property {
    /// `string int32 int64 number bool datetime map`, or the component it refers to.
    pub(crate) of: String,
    pub(crate) list: bool,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) required: bool,
}

impl OpenApi {
    pub(crate) fn read(name: &str) -> Option<Self> {
        json(name).map(Self)
    }

    pub(crate) fn call(&self, path: &str, method: &str) -> Option<&Value> {
        let call = &self.0["paths"][path][method.to_lowercase()];
        call.is_object().then_some(call)
    }

    /// Names of the parameters of a call in `place` (`query`, `header`), with whether they are required.
    pub(crate) fn parameters(
        &self,
        path: &str,
        method: &str,
        place: &str,
    ) -> BTreeMap<String, bool> {
        let call = self.call(path, method).unwrap_or(&Value::Null);
        let rows = call["parameters"].as_array().into_iter().flatten();
        rows.filter(|p| p["in"] == place)
            .filter_map(|p| Some((p["name"].as_str()?.to_owned(), p["required"] == true)))
            .collect()
    }

    pub(crate) fn statuses(&self, path: &str, method: &str) -> BTreeSet<i64> {
        let call = self.call(path, method).unwrap_or(&Value::Null);
        let rows = call["responses"].as_object().into_iter().flatten();
        rows.filter_map(|(status, _)| status.parse().ok()).collect()
    }

    /// The component a call takes as JSON body.
    pub(crate) fn request(&self, path: &str, method: &str) -> Option<String> {
        let body = &self.call(path, method)?["requestBody"]["content"]["application/json"];
        let name = refers(&body["schema"])?.0;
        let component = self.component(&name);
        // A body that is a list is known by what it lists.
        if component["type"] == "array" { Some(refers(component)?.0) } else { Some(name) }
    }

    /// The component of the answer with `status`; `true`: a list of it.
    pub(crate) fn response(&self, path: &str, method: &str, status: i64) -> Option<(String, bool)> {
        let answer = &self.call(path, method)?["responses"][status.to_string()];
        let (name, list) = refers(&answer["content"]["application/json"]["schema"])?;
        let component = self.component(&name);
        match (list, component["type"] == "array") {
            (false, true) => refers(component),
            _ => Some((name, list)),
        }
    }

    pub(crate) fn component(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    pub(crate) fn members(&self, name: &str) -> BTreeSet<String> {
        texts(&self.component(name)["enum"])
    }

    /// The properties of a component, inherited ones included.
    pub(crate) fn properties(&self, name: &str) -> BTreeMap<String, Property> {
        let component = self.component(name);
        let mut out = BTreeMap::new();
        for base in component["allOf"].as_array().into_iter().flatten() {
            if let Some((base, _)) = refers(base) {
                out.extend(self.properties(&base));
            }
        }
        let required = texts(&component["required"]);
        for (key, value) in component["properties"].as_object().into_iter().flatten() {
            let required = required.contains(key);
            out.insert(key.clone(), Property { required, ..property(value) });
        }
        out
    }
}

/// The component a schema refers to, directly, as the first of several, or as the items of a list.
fn refers(schema: &Value) -> Option<(String, bool)> {
    if let Some(reference) = schema["$ref"].as_str() {
        return Some((reference.rsplit('/').next()?.to_owned(), false));
    }
    if let Some(first) = schema["oneOf"].get(0) {
        return refers(first);
    }
    Some((refers(schema.get("items")?)?.0, true))
}

fn property(schema: &Value) -> Property {
    let bound = |keys: [&str; 3]| keys.iter().find_map(|k| schema[*k].as_f64()).map(|v| v as i64);
    let min = bound(["minLength", "minItems", "minimum"]).filter(|v| *v > 0);
    let max = bound(["maxLength", "maxItems", "maximum"]).filter(|v| *v < i64::from(i32::MAX));
    let list = schema["type"] == "array";
    let of = if list { &schema["items"] } else { schema };
    let of = refers(of).map_or_else(|| plain(of), |(name, _)| name);
    Property { of, list, min, max, required: false }
}

fn plain(schema: &Value) -> String {
    let format = schema["format"].as_str().unwrap_or_default();
    match (schema["type"].as_str().unwrap_or_default(), format) {
        ("string", "date-time") => "datetime",
        ("integer", "") => "int32",
        ("integer", format) => format,
        ("boolean", _) => "bool",
        ("object", _) => "map",
        (kind, _) => kind,
    }
    .to_owned()
}
