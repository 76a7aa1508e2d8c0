//! Which of the definitions that wait are linked with a function that is called: those that it needs, directly or by others.

use crate::base::int;

use super::declaration::{DeclarationId, Declarations, Stage};
use super::definition::PendingDefinitions;
use super::relocations::Referred;

/// Lets all that is needed by the definition of `function`, or by the definitions but for the first so many, stand behind those
/// that are not; gives how many these are.
pub(super) fn gather(
    pending: &mut PendingDefinitions,
    declarations: &mut Declarations,
    function: DeclarationId,
    first: usize,
) -> usize {
    let mut place = pending.all.len();
    let mut gathered = Gathered {
        first: first.min(place),
        pending,
        declarations,
    };
    gathered.take(function);
    // What is taken comes to stand before what was looked at until then.
    while place > gathered.first {
        place = place.saturating_sub(1);
        gathered.take_needed_by(place);
    }
    gathered.first
}

/// The definitions that are linked.
struct Gathered<'p> {
    /// Where the first of them stands.
    first: usize,
    pending: &'p mut PendingDefinitions,
    declarations: &'p mut Declarations,
}

impl Gathered<'_> {
    /// Takes what the definition in a place refers to.
    fn take_needed_by(&mut self, place: usize) {
        let Some(&definition) = self.pending.all.get(place) else {
            return;
        };
        for place in 0..definition.relocations.len {
            let relocation = self.pending.relocations.at(definition.relocations, place);
            if let Some(Referred::Declaration(id)) = relocation.map(|it| it.target) {
                self.take_if_needed(id);
            }
        }
        if let Some(id) = definition.alias_of() {
            self.take_if_needed(id);
        }
    }

    /// What is in memory is referred to there, or by its entry, though another definition of it waits.
    fn take_if_needed(&mut self, id: DeclarationId) {
        let known = self.declarations.get(id);
        if known.is_ok_and(|known| known.body.is_none()) {
            self.take(id);
        }
    }

    fn take(&mut self, id: DeclarationId) {
        let known = self.declarations.get(id);
        let Ok(Stage::Pending(place)) = known.map(|known| known.stage) else {
            return;
        };
        let place = int::usize_from_u32(place);
        if place < self.first {
            self.first = self.first.saturating_sub(1);
            self.pending.all.swap(place, self.first);
            self.note_place(place);
            self.note_place(self.first);
        }
    }

    /// Notes where a definition stands.
    fn note_place(&mut self, place: usize) {
        if let Some(definition) = self.pending.all.get(place)
            && let Ok(known) = self.declarations.get_mut(definition.declaration)
            && let Ok(place) = u32::try_from(place)
        {
            known.stage = Stage::Pending(place);
        }
    }
}
