//! The JSON schema of the record holds for the committed records.
//!
//! Of JSON schema this knows what the record's schema uses; anything else is a failure. A validator
//! of the whole language is fifty more crates in every build of the benches.

use process_vs_thread::record;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A schema, and where in it the named parts stand.
struct Schema<'s> {
    root: &'s Value,
}

impl Schema<'_> {
    /// Why a value does not conform, if so: where in it, and by which rule. The place is put
    /// together on the way back, so that what conforms costs no text.
    fn violation(&self, schema: &Value, value: &Value) -> Option<String> {
        match schema {
            Value::Bool(true) => None,
            Value::Object(keywords) => {
                let mut rules = keywords.iter();
                rules.find_map(|(keyword, rule)| match value {
                    Value::Object(fields)
                        if keyword.contains("ropert") || keyword == "required" =>
                    {
                        self.of_object(keywords, keyword, fields)
                    }
                    Value::Array(items) if keyword.ends_with("tems") => {
                        self.of_array(keywords, keyword, items)
                    }
                    _ => self.of_any(keyword, rule, value),
                })
            }
            _ => Some(format!(": {schema} allows nothing")),
        }
    }

    fn of_any(&self, keyword: &str, rule: &Value, value: &Value) -> Option<String> {
        let list = || rule.as_array().unwrap();
        let fits = |one: &&Value| self.violation(one, value).is_none();
        let conforms = match keyword {
            "$ref" => {
                let name = rule.as_str().unwrap().trim_start_matches('#');
                return self.violation(self.root.pointer(name).expect(name), value);
            }
            "type" if rule.is_string() => is(rule.as_str().unwrap(), value),
            "type" => list().iter().any(|name| is(name.as_str().unwrap(), value)),
            "const" => rule == value,
            "enum" => list().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "anyOf" => list().iter().any(|one| fits(&one)),
            "oneOf" => list().iter().filter(fits).count() == 1,
            // Of other kinds of values, and what is told to people.
            "properties" | "patternProperties" | "additionalProperties" | "required" => true,
            "items" | "prefixItems" | "minItems" | "maxItems" => true,
            "$schema" | "$defs" | "title" | "description" | "format" | "default" => true,
            unknown => panic!("the schema uses {unknown}, which this test does not know"),
        };
        (!conforms).then(|| format!(": {keyword} {rule}"))
    }

    fn of_object(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        fields: &Map<String, Value>,
    ) -> Option<String> {
        let rule = &keywords[keyword];
        if keyword == "required" {
            let mut names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            let first = names.find(|name| !fields.contains_key(*name))?;
            return Some(format!(": {first} is missing"));
        }
        let named = |name: &str| keywords.get("properties").and_then(|known| known.get(name));
        let numbered = |name: &str| {
            let rule = keywords.get("patternProperties")?.get(r"^\d+$");
            rule.filter(|_| name.bytes().all(|byte| byte.is_ascii_digit()))
        };
        fields.iter().find_map(|(name, of)| {
            let rule = match keyword {
                "properties" => named(name)?,
                "patternProperties" => numbered(name)?,
                _ if named(name).is_some() || numbered(name).is_some() => return None,
                _ => rule,
            };
            self.violation(rule, of).map(|why| format!("/{name}{why}"))
        })
    }

    fn of_array(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        items: &[Value],
    ) -> Option<String> {
        let rule = &keywords[keyword];
        let count = |rule: &Value| rule.as_u64().unwrap() as usize;
        let first = keywords.get("prefixItems").and_then(Value::as_array);
        let mut numbered = items.iter().enumerate();
        match keyword {
            "minItems" => (items.len() < count(rule)).then(|| ": too few items".to_owned()),
            "maxItems" => (items.len() > count(rule)).then(|| ": too many items".to_owned()),
            _ => numbered.find_map(|(number, of)| {
                let own = first.and_then(|first| first.get(number));
                let rule = match (keyword, own) {
                    ("prefixItems", own) => own?,
                    (_, Some(_)) => return None,
                    (_, None) => rule,
                };
                self.violation(rule, of).map(|why| format!("/{number}{why}"))
            }),
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("the schema has the type {other}"),
    }
}

#[test]
fn committed_records_conform_to_the_schema_and_broken_ones_do_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read(root.join("docs/record.schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let runs = std::fs::read_dir(root.join("reports")).unwrap().map(|run| run.unwrap().path());
    let runs: Vec<_> =
        runs.map(|run| run.join("record.json.gz")).filter(|file| file.is_file()).collect();
    assert!(runs.len() >= 2, "{runs:?}");
    let of = Schema { root: &schema };
    let read = |file: &PathBuf| serde_json::to_value(record::read(file).unwrap()).unwrap();
    for file in &runs {
        assert_eq!(of.violation(&schema, &read(file)), None, "{}", file.display());
    }
    let small = runs.iter().min_by_key(|file| file.metadata().unwrap().len()).unwrap();
    let record = read(small);
    for (pointer, wrong) in [
        ("/schema", json!(-1)),
        ("/run/quick", json!("no")),
        ("/primitives/0/actor", json!("fibre")),
        ("/checks/0/outcome", json!(null)),
        ("/counts/0/arm/policy", json!("fair")),
    ] {
        let mut broken = record.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        let why = of.violation(&schema, &broken).expect(pointer);
        assert!(why.starts_with(pointer), "{why}");
    }
}
