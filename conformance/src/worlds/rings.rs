//! Messages are conserved, and sides are those of whoever lives: said without the model.

use ipc_model::outcome::{Outcome, Value};
use ipc_model::payload::Run;
use ipc_model::ring::{CAPACITY, RECEIVES, Ring, SENDS};
use ipc_model::world::Life;

use super::always::Broken;
use super::here::Here;
use super::letters::name_of;
use super::space::{Edge, Space};

/// A ring holds what its records say, and who counts as a side of it has not ended.
pub(super) fn whole(_: &Space<'_>, here: &Here<'_, '_>) -> Broken {
    let world = &here.state.world;
    for ring in world.rings.iter() {
        let bytes: u64 = ring.records.iter().filter_map(|record| record.message).sum();
        let taken: u64 = ring.records.iter().map(|record| record.size).sum();
        if bytes != ring.data.len() || taken > CAPACITY {
            return Err(format!("{:?} take {taken} bytes for {}", ring.records, ring.data.len()));
        }
        for side in &ring.sides {
            if side.holders != 0 && (side.closed || !side.joined) {
                return Err(format!("{side:?} is had by nobody who took it"));
            }
            if side.owner.is_some_and(|owner| !side.is_held_by(owner)) {
                return Err(format!("{side:?} is its owner's and not held by it"));
            }
            for process in 0..world.processes.len() as u8 {
                let life = world.process(process).map(|process| process.life);
                let lives = matches!(life, Some(Life::Live | Life::Dying(_)));
                if side.is_held_by(process) && !lives {
                    return Err(format!("{} has a side, and is {life:?}", name_of(process)));
                }
            }
        }
    }
    Ok(())
}

/// What goes in comes out, once and in order, and nothing else does.
pub(super) fn conserved(_: &Space<'_>, edge: &Edge<'_>) -> Broken {
    let nothing = Ring::default();
    for place in 0..ipc_model::ring::COUNT {
        let before = edge.before.world.rings.at(place).unwrap_or(&nothing);
        let after = edge.after.world.rings.at(place).unwrap_or(&nothing);
        let mut due = before.data.clone();
        let mut lengths: Vec<u64> = lengths(before);
        if let Some((call, told)) = edge.answer()
            && call.call.number(0) == place as i64
        {
            match told {
                Outcome::Success(Value::Nothing) if SENDS.contains(&call.call.operation) => {
                    due.push(Run::Of { tag: call.call.tag, from: 0, len: call.call.len() });
                    lengths.push(call.call.len());
                }
                Outcome::Success(Value::Data(data)) if RECEIVES.contains(&call.call.operation) => {
                    let first = due.take(data.len());
                    if lengths.first() != Some(&data.len()) || !first.same_bytes(data) {
                        return Err(format!("{data} is told, and {first} is next of {lengths:?}"));
                    }
                    lengths.remove(0);
                }
                _ => {}
            }
        }
        if !due.same_bytes(&after.data) || lengths != self::lengths(after) {
            return Err(format!("ring {place} has {}, where it should have {due}", after.data));
        }
    }
    Ok(())
}

fn lengths(ring: &Ring) -> Vec<u64> {
    ring.records.iter().filter_map(|record| record.message).collect()
}
