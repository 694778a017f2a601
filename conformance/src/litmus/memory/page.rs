//! What the book says of the models: read off their data.

use std::fmt::Write as _;

use ipc_model::order::axioms::{Demand, MODELS, Model, RC11, SC};
use ipc_model::order::compile::{MACHINES, Row, What};
use ipc_model::order::shapes::{ALONE, Classic, EDGES, FLAVOURS, SHAPES, classics};
use ipc_model::order::test::Test;
use ipc_model::order::verdict::{endings, is_of_language};

/// Each shape: its steps, what it asks, and the ending.
pub fn tests() -> String {
    let mut text = String::from("| test | steps | question | the ending |\n|---|---|---|---|\n");
    for shape in SHAPES.iter().chain(ALONE.iter().map(|(shape, _)| shape)) {
        let one = Classic { shape, flavour: &FLAVOURS[0] };
        let test = one.test();
        let steps: Vec<String> = test.to_string().lines().map(|line| format!("`{line}`")).collect();
        let (steps, ending) = (steps.join("<br>"), test.words(&one.asked()));
        let _ = writeln!(text, "| **{}** | {steps} | {} | {ending} |", shape.name, shape.question);
    }
    text
}

/// Each flavour.
pub fn flavours() -> String {
    let row = |flavour: &ipc_model::order::shapes::Flavour| {
        format!("| `{}` | {} |\n", flavour.name, flavour.text)
    };
    let alone = ALONE.iter().flat_map(|(_, flavours)| *flavours);
    let rows: String = FLAVOURS.iter().chain(EDGES).chain(alone).map(row).collect();
    format!("| flavour | steps are |\n|---|---|\n{rows}")
}

/// Who allows the ending that each test asks for: a row a test, a column a model. Of a language's
/// atomics machines are asked as they are compiled.
pub fn verdicts() -> String {
    let machines: Vec<&str> = MACHINES.iter().map(|machine| machine.model.name).collect();
    let names = [&[SC.name][..], &machines, &[RC11.name]].concat();
    let line = "|---".repeat(names.len() + 1);
    let mut text = format!("| test | {} |\n{line}|\n", names.join(" | "));
    for one in classics() {
        let test = one.test();
        let allows = |model: &Model, test: &Test| endings(model, test, None).contains(&one.asked());
        let word = |allowed: bool| if allowed { "allowed" } else { "forbidden" };
        let mut cells = vec![word(allows(&SC, &test))];
        for machine in MACHINES {
            cells.push(word(allows(machine.model, &machine.compile(&test))));
        }
        cells.push(if is_of_language(&test) { word(allows(&RC11, &test)) } else { "–" });
        let _ = writeln!(text, "| `{}` | {} |", one.name(), cells.join(" | "));
    }
    text
}

/// Each model with its axioms and their parts.
pub fn models() -> String {
    let mut text = String::new();
    for model in MODELS {
        let _ = writeln!(text, "### {}\n\n{} *{}*\n", model.name, model.text, model.source);
        for axiom in model.axioms {
            let demand = match axiom.demand {
                Demand::Acyclic => "acyclic",
                Demand::Irreflexive => "irreflexive",
                Demand::Empty => "empty",
            };
            let names: Vec<&str> = axiom.parts.iter().map(|part| part.name).collect();
            let _ = writeln!(
                text,
                "- **{}**: {} `{demand} ({})`",
                axiom.name,
                axiom.text,
                names.join(" | ")
            );
            for part in axiom.parts {
                let _ = writeln!(text, "  - `{}`: {}", part.name, part.text);
            }
        }
        text.push('\n');
    }
    text
}

/// What becomes of each step of a language on each machine.
pub fn mappings() -> String {
    let mut text = String::new();
    for machine in MACHINES {
        let _ = writeln!(text, "On {} *({})*:\n", machine.name, machine.source);
        text.push_str("| step | orders | instructions |\n|---|---|---|\n");
        for Row { what, orders, text: instructions, .. } in machine.mapping {
            let what = match what {
                What::Read => "load",
                What::Write => "store",
                What::Exchange => "exchange",
                What::Fence => "fence",
            };
            let orders: Vec<String> =
                orders.iter().map(|order| format!("{order:?}").to_lowercase()).collect();
            let _ = writeln!(text, "| {what} | {} | {instructions} |", orders.join(", "));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_every_test_and_every_axiom() {
        let verdicts = verdicts();
        assert_eq!(verdicts.lines().count(), classics().count() + 2);
        let row = |name: &str| verdicts.lines().find(|line| line.starts_with(name)).expect(name);
        let of = |name: &str| row(&format!("| `{name}` |")).to_owned();
        let words = |name: &str| of(name).split(" | ").skip(1).collect::<Vec<_>>().join(" ");
        assert_eq!(words("SB+machine"), "forbidden allowed allowed – |");
        assert_eq!(words("SB+machine-fence"), "forbidden forbidden forbidden – |");
        assert_eq!(words("IRIW+release-acquire"), "forbidden forbidden forbidden allowed |");
        assert_eq!(words("LB+relaxed"), "forbidden forbidden allowed forbidden |");
        for model in MODELS {
            assert!(models().contains(&format!("### {}", model.name)));
            assert!(model.axioms.iter().all(|axiom| models().contains(axiom.text)));
        }
        assert!(mappings().contains("| load | acquire, seqcst | ldar |"), "{}", mappings());
        assert_eq!(words("MP+ofd"), "forbidden forbidden forbidden forbidden |");
        assert_eq!(words("2RW+sc-load-store"), "allowed allowed allowed allowed |");
        let alone = ALONE.iter().map(|(_, flavours)| flavours.len()).sum::<usize>();
        assert_eq!(flavours().lines().count(), FLAVOURS.len() + EDGES.len() + alone + 2);
        assert_eq!(tests().lines().count(), SHAPES.len() + ALONE.len() + 2);
    }
}
