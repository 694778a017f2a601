use super::*;

fn loud(name: &str, argument: &str) -> Result<String, String> {
    match name {
        "clauses" => Ok(format!("CLAUSES OF {argument}\n")),
        "help" => Ok("HELP".to_owned()),
        _ => Err("there is no such directive".to_owned()),
    }
}

fn book(content: &str, nested: &str) -> String {
    serde_json::json!([
        { "root": "/book", "renderer": "html", "mdbook_version": "0.5.4", "config": {} },
        { "items": [
            { "PartTitle": "A part" },
            "Separator",
            { "Chapter": { "name": "Outer", "content": content, "path": "a.md", "sub_items": [
                { "Chapter": { "name": "Inner", "content": nested, "sub_items": [] } },
            ] } },
        ] },
    ])
    .to_string()
}

#[test]
fn directives_are_replaced_in_chapters_and_in_chapters_of_chapters() {
    let out = preprocess(&book("# A\n\n{{clauses pipe}}\n", "see {{help}}, too"), &loud).unwrap();
    let out: Value = serde_json::from_str(&out).unwrap();
    let outer = &out["items"][2]["Chapter"];
    assert_eq!(outer["content"], "# A\n\nCLAUSES OF pipe\n");
    assert_eq!(outer["path"], "a.md");
    assert_eq!(outer["sub_items"][0]["Chapter"]["content"], "see HELP, too");
    assert_eq!(out["items"][0]["PartTitle"], "A part");
    assert_eq!(out["items"][1], "Separator");
}

#[test]
fn an_unknown_directive_is_refused_with_chapter_and_line() {
    let refusal = preprocess(&book("", "one\n\n{{claws pipe}}"), &loud).unwrap_err();
    assert_eq!(refusal, "chapter \"Inner\", line 3: {{claws pipe}}: there is no such directive");
}

#[test]
fn a_directive_without_an_end_is_refused() {
    let refusal = expand_page("{{help", &loud).unwrap_err();
    assert_eq!(refusal, "line 1: a directive has no end: `}}` is missing");
}

#[test]
fn code_and_mdbooks_own_directives_stay() {
    let page = "`{{help}}` ``{{a ` b}}``\n\n```text\n{{help}}\n```\n~~~~\n```\n{{x}}\n~~~~\n{{#include a}}\n";
    assert_eq!(expand_page(page, &loud).unwrap(), page);
}

#[test]
fn two_directives_of_one_line_are_both_replaced() {
    assert_eq!(expand_page("{{help}} {{ help }}.", &loud).unwrap(), "HELP HELP.");
}

#[test]
fn what_is_no_book_is_refused() {
    for (input, part) in [
        ("", "not JSON"),
        ("{}", "not a pair"),
        ("[{}]", "not a pair"),
        ("[{},{},{}]", "not a pair"),
        ("[{},{\"sections\":[]}]", "mdBook 0.5"),
    ] {
        let refusal = preprocess(input, &loud).unwrap_err();
        assert!(refusal.contains(part), "{input:?} gave {refusal:?}");
    }
}

#[test]
fn only_html_is_supported() {
    assert!(supports("html"));
    assert!(!supports("markdown"));
}

#[test]
fn a_generated_place_is_filled_anew_and_then_stays() {
    let old = "a\n<!-- generated: clauses pipe -->\nold\nlines\n<!-- end -->\nb\n";
    let new = regenerate(old, &loud).unwrap();
    assert_eq!(new, "a\n<!-- generated: clauses pipe -->\nCLAUSES OF pipe\n<!-- end -->\nb\n");
    assert_eq!(regenerate(&new, &loud).unwrap(), new);
}

#[test]
fn a_generated_place_without_an_end_is_refused() {
    let refusal = regenerate("<!-- generated: help -->\ntext\n", &loud).unwrap_err();
    assert!(refusal.contains("\"help\" has no `<!-- end -->`"), "{refusal}");
}

fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let pages = files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    broken_links(&pages)
}

#[test]
fn links_to_pages_headings_marks_and_figures_resolve() {
    let none: [String; 0] = [];
    let summary = ("SUMMARY.md", "[One](one.md)\n- [Two](deep/two.md)\n");
    let one = (
        "one.md",
        "# The `pipe(2)` call, twice\n## Twice\n## Twice\n## Own {#mine}\n\
         [a](#the-pipe2-call-twice) [b](#twice-1) [c](deep/two.md#pipe.write.atomic) [d](#mine)\n\
         ![figure](figure.svg) [out](https://example.org/#x) `[not](a-link.md)`\n\
         ```text\n[nor](this.md)\n```\n[ref]: deep/two.md \"title\"\n",
    );
    let two = ("deep/two.md", "<a id=\"pipe.write.atomic\"></a> [up](../one.md#twice)\n");
    assert_eq!(faults(&[summary, one, two, ("figure.svg", "")]), none);
}

#[test]
fn links_that_lead_nowhere_are_named() {
    let found = faults(&[
        ("SUMMARY.md", "[One](one.md)\n"),
        ("one.md", "# One\n[a](two.md) [b](#two) <img src=\"gone.svg\">\n[ref]: ../out.md\n"),
        ("three.md", ""),
    ]);
    assert_eq!(
        found,
        [
            "one.md: the link to \"two.md\" leads nowhere: there is no file \"two.md\"",
            "one.md: the link to \"#two\" leads nowhere: \"one.md\" has no place #two",
            "one.md: the link to \"gone.svg\" leads nowhere: there is no file \"gone.svg\"",
            "one.md: the link to \"../out.md\" leads nowhere: there is no file \"../out.md\"",
            "three.md: SUMMARY.md does not list it",
        ]
    );
}

#[test]
fn stale_places_are_found_by_check_and_mended_by_write() {
    let root = std::env::temp_dir().join(format!("ipc-book-{}", std::process::id()));
    fs::create_dir_all(root.join("docs/src")).unwrap();
    fs::write(root.join("docs/src/SUMMARY.md"), "[One](one.md)\n").unwrap();
    fs::write(root.join("docs/src/one.md"), "{{help}}\n").unwrap();
    fs::write(root.join("README.md"), "<!-- generated: help -->\nold\n<!-- end -->\n").unwrap();

    let stale = command(&["check"], &root, &loud);
    let mended = command(&["write"], &root, &loud);
    let fresh = command(&["check"], &root, &loud);
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    fs::remove_dir_all(&root).unwrap();

    assert!(stale.unwrap_err().contains("README.md: generated places are out of date"));
    assert_eq!((mended, fresh), (Ok(()), Ok(())));
    assert_eq!(text, "<!-- generated: help -->\nHELP\n<!-- end -->\n");
}
