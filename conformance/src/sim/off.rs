//! Conditions with one comparison that is off.

use ipc_model::clause::Cond;
use ipc_model::view::View;

/// Whether the condition holds if so much is added to the left side of the comparison at place
/// `leaf`, counted in the order in which they are written.
pub(super) fn holds(view: &View<'_>, cond: &Cond, leaf: usize, by: i64) -> bool {
    walk(view, cond, &mut Some(leaf), by)
}

/// `left` is how many comparisons come before the one that is off; none once it is behind.
fn walk(view: &View<'_>, cond: &Cond, left: &mut Option<usize>, by: i64) -> bool {
    let mut sides = |a, b| {
        let is_off = *left == Some(0);
        *left = left.and_then(|left| left.checked_sub(1));
        let added = if is_off { i128::from(by) } else { 0 };
        (i128::from(view.num(a)) + added, i128::from(view.num(b)))
    };
    match cond {
        Cond::Lt(a, b) => {
            let (a, b) = sides(a, b);
            a < b
        }
        Cond::Le(a, b) => {
            let (a, b) = sides(a, b);
            a <= b
        }
        Cond::Eq(a, b) => {
            let (a, b) = sides(a, b);
            a == b
        }
        Cond::Not(inner) => !walk(view, inner, left, by),
        // Every one is walked, for they are counted.
        Cond::All(all) => {
            let held: Vec<bool> = all.iter().map(|one| walk(view, one, left, by)).collect();
            !held.contains(&false)
        }
        Cond::Any(all) => {
            let held: Vec<bool> = all.iter().map(|one| walk(view, one, left, by)).collect();
            held.contains(&true)
        }
    }
}
