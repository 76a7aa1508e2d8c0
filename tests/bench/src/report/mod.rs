//! What was measured: as data, which becomes JSON, and compared; and as a table and a chart for
//! people.

pub(crate) mod chart;
mod table;

use crate::linkers::{Entry, Role};
use crate::object_file::ObjectFile;
use serde::Serialize;
use std::time::Duration;

/// All that was measured.
#[derive(Default, Serialize)]
pub(crate) struct Report {
    pub(crate) subjects: Vec<Subject>,
}

/// An object, and what came of it.
#[derive(Serialize)]
pub(crate) struct Subject {
    pub(crate) object: String,
    pub(crate) machine: String,
    pub(crate) bytes: usize,
    pub(crate) sections: usize,
    pub(crate) symbols: usize,
    pub(crate) relocations: usize,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Subject {
    /// The object, without anything that came of it.
    pub(crate) fn of(object: &ObjectFile) -> Self {
        Self {
            object: object.name.clone(),
            machine: object.machine.to_string(),
            bytes: object.bytes.len(),
            sections: object.sections,
            symbols: object.symbols,
            relocations: object.relocations,
            outcomes: Vec::new(),
        }
    }
}

/// What came of an object with one linker.
#[derive(Serialize)]
pub(crate) struct Outcome {
    pub(crate) linker: String,
    #[serde(skip)]
    role: Role,
    #[serde(skip)]
    is_touched: bool,
    #[serde(flatten)]
    pub(crate) result: Result,
}

/// Figures, or why there are none.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Result {
    Measured(Measured),
    Refused(String),
}

/// Figures of one object with one linker.
#[derive(Serialize)]
pub(crate) struct Measured {
    pub(crate) rounds: usize,
    pub(crate) least_ns: u64,
    pub(crate) median_ns: u64,
    pub(crate) ns_per_relocation: f64,
    pub(crate) peak_heap_bytes: Option<usize>,
    pub(crate) instructions: Option<u64>,
    pub(crate) instructions_per_relocation: Option<f64>,
    /// The least time as a multiple of the limit's, in memory of the same kind.
    pub(crate) ratio_to_limit: Option<f64>,
    /// The least time as a multiple of the fastest peer's.
    pub(crate) ratio_to_fastest_peer: Option<f64>,
}

impl Measured {
    pub(crate) fn of(
        mut times: Vec<Duration>,
        peak_heap_bytes: Option<usize>,
        instructions: Option<u64>,
        object: &ObjectFile,
    ) -> Self {
        times.sort_unstable();
        let nanoseconds = |place: usize| {
            let time = times.get(place).copied().unwrap_or_default();
            u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
        };
        let least_ns = nanoseconds(0);
        let each = |sum: u64| sum as f64 / object.relocations.max(1) as f64;
        Self {
            rounds: times.len(),
            least_ns,
            median_ns: nanoseconds(times.len() / 2),
            ns_per_relocation: each(least_ns),
            peak_heap_bytes,
            instructions,
            instructions_per_relocation: instructions.map(each),
            ratio_to_limit: None,
            ratio_to_fastest_peer: None,
        }
    }
}

impl Outcome {
    pub(crate) fn measured(entry: &Entry, measured: Measured) -> Self {
        Self::of(entry, Result::Measured(measured))
    }

    pub(crate) fn refused(entry: &Entry, reason: String) -> Self {
        Self::of(entry, Result::Refused(reason))
    }

    fn of(entry: &Entry, result: Result) -> Self {
        Self {
            linker: entry.name.to_owned(),
            role: entry.role,
            is_touched: entry.is_touched,
            result,
        }
    }

    fn least_ns(&self) -> Option<u64> {
        match &self.result {
            Result::Measured(measured) => Some(measured.least_ns),
            Result::Refused(_) => None,
        }
    }
}

/// Sets the ratios of what came of one object.
pub(crate) fn compare(outcomes: &mut [Outcome]) {
    let limit = |is_touched: bool| {
        let is_it =
            |outcome: &&Outcome| outcome.role == Role::Limit && outcome.is_touched == is_touched;
        outcomes.iter().find(is_it).and_then(Outcome::least_ns)
    };
    let limits = [limit(false), limit(true)];
    let peers = outcomes.iter().filter(|outcome| outcome.role == Role::Peer);
    let fastest_peer = peers.filter_map(Outcome::least_ns).min();
    for outcome in outcomes {
        let limit = limits[usize::from(outcome.is_touched)];
        let role = outcome.role;
        let Result::Measured(measured) = &mut outcome.result else {
            continue;
        };
        let ratio = |to: Option<u64>| Some(measured.least_ns as f64 / to?.max(1) as f64);
        let (to_limit, to_peer) = (ratio(limit), ratio(fastest_peer));
        measured.ratio_to_limit = to_limit;
        measured.ratio_to_fastest_peer = to_peer.filter(|_| role != Role::Limit);
    }
}

#[cfg(test)]
mod tests {
    use super::{Measured, Outcome, Result, compare};
    use crate::linkers::Entry;
    use crate::object_file::ObjectFile;
    use ironlink::base::Machine;
    use std::time::Duration;

    fn outcome(linker: &str, micros: &[u64]) -> Outcome {
        let object = ObjectFile {
            name: String::new(),
            bytes: Vec::new(),
            machine: Machine::X86_64,
            sections: 0,
            symbols: 0,
            relocations: 10,
            missing: Vec::new(),
        };
        let times = micros.iter().map(|&time| Duration::from_micros(time));
        let measured = Measured::of(times.collect(), None, None, &object);
        Outcome::measured(Entry::named(linker).unwrap(), measured)
    }

    #[test]
    fn ratios_are_of_the_least_times_and_to_the_limit_in_such_memory() {
        let mut outcomes = [
            outcome("limit", &[4, 2, 3]),
            outcome("limit-touched", &[1]),
            outcome("ironlink", &[9, 6, 7]),
            outcome("ironlink-touched", &[5]),
        ];
        compare(&mut outcomes);
        let [_, _, fresh, touched] = outcomes.map(|outcome| match outcome.result {
            Result::Measured(measured) => measured,
            Result::Refused(reason) => panic!("{reason}"),
        });
        assert_eq!((fresh.least_ns, fresh.median_ns), (6000, 7000));
        assert_eq!(fresh.ns_per_relocation, 600.0);
        assert_eq!(fresh.ratio_to_limit, Some(3.0));
        assert_eq!(touched.ratio_to_limit, Some(5.0));
        assert_eq!(fresh.ratio_to_fastest_peer, None);
    }
}
