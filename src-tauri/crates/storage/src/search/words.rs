//! What counts as a word, in the text of events and in what people look for. Pure: the same rules fill the index, ask it,
//! and judge events that are not in it yet.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Longer runs (encoded data) are cut: they are found by how they begin.
const LONGEST_WORD: usize = 64;
/// Bytes of a message, and of all texts in `data`, that are searched: one event must not hold the writer.
const MESSAGE_BYTES: usize = 64 * 1024;
const DATA_BYTES: usize = 4 * 1024;

/// What somebody looks for: phrases, all of which an event must have. What stands between spaces is one phrase, so `a/b.rs`
/// is `a`, `b` and `rs` behind each other; nothing in it is an operator.
#[derive(Debug)]
pub(crate) struct Search {
    phrases: Vec<Phrase>,
}

#[derive(Debug, PartialEq)]
struct Phrase {
    words: Vec<String>,
    /// The last word is only how one begins.
    is_prefix: bool,
}

impl Search {
    pub(crate) fn parse(text: &str) -> Self {
        let mut phrases = Vec::new();
        for piece in text.split_whitespace() {
            let spaced = words_of(piece);
            let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
            let Some(last) = words.last() else { continue };
            let phrase = Phrase { is_prefix: !last.chars().all(stands_alone), words };
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        Self { phrases }
    }

    /// Nothing in it is a word: no event can have it.
    pub(crate) fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// The same for FTS5. All that a person wrote stands in quotes, and no word can hold one.
    pub(crate) fn expression(&self) -> String {
        let mut expression = String::new();
        for phrase in &self.phrases {
            let quoted =
                format!("\"{}\"{} ", phrase.words.join(" "), if phrase.is_prefix { "*" } else { "" });
            expression.push_str(&quoted);
        }
        expression
    }

    /// Whether `words`, as [`words_of_event`] gives them, have all phrases.
    pub(crate) fn matches(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        self.phrases.iter().all(|phrase| words.windows(phrase.words.len()).any(|some| phrase.is_in(some)))
    }
}

impl Phrase {
    fn is_in(&self, words: &[&str]) -> bool {
        let last = words.len() - 1;
        self.words.iter().zip(words).enumerate().all(|(place, (wanted, word))| {
            if self.is_prefix && place == last { word.starts_with(wanted.as_str()) } else { word == wanted }
        })
    }
}

/// The fields by which an event is found.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Searched<'p> {
    #[serde(borrow)]
    title: Option<Cow<'p, str>>,
    #[serde(borrow)]
    message: Option<Cow<'p, str>>,
    #[serde(borrow)]
    r#type: Option<Cow<'p, str>>,
    #[serde(borrow)]
    agent_id: Option<Cow<'p, str>>,
    #[serde(borrow)]
    data: Option<&'p RawValue>,
}

/// The words of a stored event, between single spaces. A document that cannot be read has none: it must not end the index.
pub(crate) fn words_of_event(payload: &str) -> String {
    let mut words = String::new();
    let Ok(event) = serde_json::from_str::<Searched<'_>>(payload) else { return words };
    for text in [event.title, event.message, event.r#type, event.agent_id].into_iter().flatten() {
        append_words(start_of(&text, MESSAGE_BYTES), &mut words);
    }
    if let Some(data) = event.data.and_then(|data| serde_json::from_str::<Value>(data.get()).ok()) {
        let mut left = DATA_BYTES;
        append_scalars(&data, &mut left, &mut words);
    }
    words
}

/// The words of all texts and numbers in `value`, as far as `left` bytes go.
fn append_scalars(value: &Value, left: &mut usize, words: &mut String) {
    let mut append = |text: &str| {
        let text = start_of(text, *left);
        *left -= text.len();
        append_words(text, words);
    };
    match value {
        Value::String(text) => append(text),
        Value::Number(number) => append(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| append_scalars(item, left, words)),
        Value::Object(fields) => fields.values().for_each(|field| append_scalars(field, left, words)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn start_of(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn words_of(text: &str) -> String {
    let mut words = String::new();
    append_words(text, &mut words);
    words
}

/// Appends the words of `text`, each after a space: runs of letters and digits in lower case, and characters that stand
/// alone. Accents written as characters of their own are left out.
fn append_words(text: &str, words: &mut String) {
    let begin_word = |words: &mut String| {
        if !words.is_empty() {
            words.push(' ');
        }
    };
    let mut length = 0;
    for character in text.chars() {
        if stands_alone(character) {
            begin_word(words);
            words.push(character);
            length = 0;
        } else if character.is_alphanumeric() {
            if length == 0 {
                begin_word(words);
            }
            if length < LONGEST_WORD {
                words.extend(character.to_lowercase().filter(|part| !is_accent(*part)));
            }
            length += 1;
        } else if !is_accent(character) {
            length = 0;
        }
    }
}

/// Chinese and Japanese put no spaces between words, so each character is one, and a word of theirs is a phrase. Arrows and
/// emoji are looked for as well.
fn stands_alone(character: char) -> bool {
    matches!(character,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits_in_lower_case() {
        for (text, words) in [
            ("", ""),
            ("  ...  ", ""),
            ("Build FAILED: src/main.rs:42", "build failed src main rs 42"),
            ("snake_case kebab-case", "snake case kebab case"),
            ("Größe ÄRGER", "größe ärger"),
            ("cafe\u{301} e\u{301}a", "cafe ea"),
            ("构建失败 in 3秒", "构 建 失 败 in 3 秒"),
            ("テストOK", "テ ス ト ok"),
            ("빌드 실패", "빌드 실패"),
            ("done ✅→🚀", "done ✅ → 🚀"),
            ("a\u{0}b", "a b"),
        ] {
            assert_eq!(words_of(text), words, "{text}");
        }
        assert_eq!(words_of(&"x".repeat(100)), "x".repeat(64));
    }

    #[test]
    fn what_people_write_is_never_syntax() {
        for (text, expression) in [
            ("sky", r#""sky"* "#),
            ("Sky sky", r#""sky"* "#),
            ("main.rs", r#""main rs"* "#),
            ("构建", r#""构 建" "#),
            ("构建fail", r#""构 建 fail"* "#),
            (r#""a b" OR c*"#, r#""a"* "b"* "or"* "c"* "#),
            ("NEAR(a, 3) -x col:y ^z", r#""near a"* "3"* "x"* "col y"* "z"* "#),
            (r#"" ' ( % --"#, ""),
        ] {
            assert_eq!(Search::parse(text).expression(), expression, "{text}");
        }
        assert!(Search::parse("\"* -").is_empty());
    }

    #[test]
    fn an_event_has_the_words_of_its_texts_and_numbers() {
        let event = json!({
            "id": "e1", "title": "Deploy", "message": "went \"wrong\"\n", "type": "action.set_status", "agentId": "bot-1",
            "level": "error", "data": {"file": "a.rs", "lines": [7, null, true, {"x": "deep"}]}, "own": "unseen",
        });
        assert_eq!(
            words_of_event(&event.to_string()),
            "deploy went wrong action set status bot 1 a rs 7 deep"
        );
        assert_eq!(words_of_event(r#"{"title":null,"message":null,"data":null}"#), "");
        assert_eq!(words_of_event("no json"), "");
    }

    #[test]
    fn large_texts_are_searched_as_far_as_their_limit() {
        let long = "ab ".repeat(50_000);
        let words = words_of_event(&json!({"message": long, "data": [long, "end"]}).to_string());
        assert!(words.len() > 60_000 && words.len() < MESSAGE_BYTES + DATA_BYTES + 9, "{}", words.len());
        assert!(!words.contains("end"));
    }

    #[test]
    fn phrases_are_found_where_their_words_follow_each_other() {
        let words = words_of("the build of src/main.rs failed 构建失败");
        for (text, found) in [
            ("bui", true),
            ("uild", false),
            ("failed build", true),
            ("main.rs", true),
            ("main.r", true),
            ("rs.main", false),
            ("src.rs", false),
            ("建失", true),
            ("失建", false),
            ("败", true),
            ("failed构", true),
            ("build absent", false),
        ] {
            assert_eq!(Search::parse(text).matches(&words), found, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_hold_nothing_but_characters_of_words(text in "\\PC{0,40}|.{0,40}") {
            let words = words_of(&text);
            prop_assert!(!words.contains(['"', '\0', '*', '(', '\n']), "{}", words);
            prop_assert!(words.split(' ').all(|word| !word.is_empty()) || words.is_empty());
            prop_assert_eq!(words_of(&words), words);
        }
    }
}
