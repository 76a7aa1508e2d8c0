//! The rules of a file: the lines that begin with their name, put together where one goes on in the next.

use std::format;
use std::string::String;
use std::vec::Vec;

/// What a line of the rules with this name begins with.
pub(super) fn prefix(name: &str) -> String {
    format!("# {name}:")
}

/// The rules of a text, in order. White space may stand before one; a backslash at its end says that the next line,
/// which is a line of the rules too, goes on with it.
pub(super) fn rules(text: &str, name: &str) -> Vec<String> {
    let prefix = prefix(name);
    let mut rules = Vec::new();
    let mut unfinished: Option<String> = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(part) = line.strip_prefix(&prefix) else {
            // The promised line is missing: what there is must be judged, or the rule would be lost without a word.
            rules.extend(unfinished.take());
            continue;
        };
        let (part, goes_on) = match part.strip_suffix('\\') {
            Some(part) => (part.trim(), true),
            None => (part.trim(), false),
        };
        let mut rule = unfinished.take().unwrap_or_default();
        if !rule.is_empty() {
            rule.push(' ');
        }
        rule.push_str(part);
        if goes_on {
            unfinished = Some(rule);
        } else {
            rules.push(rule);
        }
    }
    rules.extend(unfinished);
    rules
}

#[cfg(test)]
mod tests {
    use super::rules;

    #[test]
    fn only_lines_of_that_name_are_rules() {
        let text = "# jitlink-check: a = b\n  \t# jitlink-check: c = d\nmov # jitlink-check: no = no\n# other-check: e = f\n";
        assert_eq!(rules(text, "jitlink-check"), ["a = b", "c = d"]);
        assert_eq!(rules(text, "other-check"), ["e = f"]);
        assert!(rules(text, "missing-check").is_empty());
    }

    #[test]
    fn a_backslash_joins_the_next_line_of_the_rules() {
        let text = "# check: a = \\\n# check:    b + \\\r\n\n   # check: c\n# check: d = e";
        assert_eq!(rules(text, "check"), ["a = b + c", "d = e"]);
    }

    #[test]
    fn a_rule_that_breaks_off_is_still_a_rule() {
        assert_eq!(rules("# check: a = \\\nnop\n", "check"), ["a ="]);
        assert_eq!(rules("# check: a = \\", "check"), ["a ="]);
    }
}
