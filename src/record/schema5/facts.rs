//! Facts of the machine, all of which were text in schema 5.

use serde_json::{Value, json};

/// What an unknown fact began with; its reason followed.
const UNKNOWN: &str = "unknown: ";

/// Has the facts say what they are, and the machine how big its pages are. Of figures only the size
/// of a page is taken out of its text; all else stays words.
pub(super) fn migrate(machine: &mut Value) {
    let Value::Object(machine) = machine else { return };
    let mut page_bytes = None;
    for fact in machine.get_mut("facts").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(text) = fact.get("value").and_then(Value::as_str).map(str::to_owned) else {
            continue;
        };
        let bytes = (fact["name"] == "page size").then(|| kibibytes(&text)).flatten();
        page_bytes = page_bytes.or(bytes);
        fact["value"] = match (bytes, text.strip_prefix(UNKNOWN)) {
            (Some(bytes), _) => json!({ "known": { "bytes": bytes } }),
            (None, Some(reason)) => json!({ "unknown": reason }),
            (None, None) => json!({ "known": { "text": text } }),
        };
    }
    machine.insert("page_bytes".to_owned(), json!(page_bytes));
}

/// Bytes of `4 KiB`.
fn kibibytes(text: &str) -> Option<u64> {
    let kibibytes: u64 = text.strip_suffix(" KiB")?.parse().ok()?;
    kibibytes.checked_mul(1024).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The machine with these facts as schema 5 had them, and as it is read.
    fn with(facts: &[(&str, &str)]) -> Value {
        let fact = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
        let facts: Vec<Value> = facts.iter().map(fact).collect();
        let mut machine = json!({ "slug": "a", "facts": facts });
        migrate(&mut machine);
        machine
    }

    #[test]
    fn a_fact_that_was_text_says_what_it_is() {
        let facts = [
            ("clock source", "tsc"),
            ("pid_max", "32768"),
            ("caches", "unknown: /sys has none"),
            ("page size", "16 KiB"),
        ];
        let expected = json!({
            "slug": "a",
            "facts": [
                { "name": "clock source", "value": { "known": { "text": "tsc" } } },
                { "name": "pid_max", "value": { "known": { "text": "32768" } } },
                { "name": "caches", "value": { "unknown": "/sys has none" } },
                { "name": "page size", "value": { "known": { "bytes": 16_384 } } },
            ],
            "page_bytes": 16_384,
        });
        assert_eq!(with(&facts), expected);
    }

    #[test]
    fn a_page_that_is_not_said_is_not_guessed() {
        let none = Value::Null;
        assert_eq!(with(&[])["page_bytes"], none);
        assert_eq!(with(&[("memory", "4 KiB")])["page_bytes"], none);
        for odd in ["big", "0 KiB", "-4 KiB", "4 MiB", "18014398509481984 KiB"] {
            let machine = with(&[("page size", odd)]);
            assert_eq!(machine["page_bytes"], none, "{odd}");
            assert_eq!(machine["facts"][0]["value"], json!({ "known": { "text": odd } }));
        }
        let machine = with(&[("page size", "unknown: closed")]);
        assert_eq!(machine["page_bytes"], none);
        assert_eq!(machine["facts"][0]["value"], json!({ "unknown": "closed" }));
    }

    #[test]
    fn what_is_no_machine_is_left_to_the_reader_to_refuse() {
        for odd in [json!(7), json!([7]), Value::Null] {
            let mut machine = odd.clone();
            migrate(&mut machine);
            assert_eq!(machine, odd);
        }
        let mut machine = json!({ "facts": [7, { "value": 7 }] });
        migrate(&mut machine);
        assert_eq!(machine["facts"], json!([7, { "value": 7 }]));
    }
}
