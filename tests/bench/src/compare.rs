//! `compare`: each object with each linker, in turn, in one process.

use crate::callgrind;
use crate::linkers::{Entry, LINKERS, Linker};
use crate::object_file::ObjectFile;
use crate::report::{Measured, Outcome, Report, Subject, chart};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Load each object with each linker, in turn, and report what it costs.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder for the report: `NAME.json`, and `NAME.svg`, a chart
    #[arg(long)]
    out: PathBuf,

    /// What the report is called
    #[arg(long, default_value = "report")]
    name: String,

    /// Only linkers whose names begin so
    #[arg(long, value_delimiter = ',')]
    linkers: Vec<String>,

    /// Few rounds
    #[arg(long)]
    quick: bool,

    /// Count no instructions
    #[arg(long)]
    no_counts: bool,

    /// The objects
    #[arg(required = true)]
    objects: Vec<PathBuf>,
}

/// How often each linker takes its turn.
struct Rounds {
    least: usize,
    most: usize,
    /// How much measured time is enough of a linker that took its least turns.
    enough: Duration,
}

const ROUNDS: Rounds = Rounds {
    least: 5,
    most: 200,
    enough: Duration::from_secs(1),
};

const QUICK_ROUNDS: Rounds = Rounds {
    least: 2,
    most: 10,
    enough: Duration::from_millis(50),
};

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    fs::create_dir_all(&arguments.out)?;
    let counts = !arguments.no_counts && callgrind::is_there();
    let mut report = Report::default();
    for path in &arguments.objects {
        let object = ObjectFile::read(path)?;
        eprintln!("measuring {}", object.name);
        let subject = Subject {
            outcomes: measure(&object, path, arguments, counts)?,
            ..Subject::of(&object)
        };
        report.subjects.push(subject);
    }
    let write = |extension, text: String| {
        let file = arguments.out.join(&arguments.name);
        let file = file.with_extension(extension);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    write("json", serde_json::to_string_pretty(&report)?)?;
    write("svg", chart::svg(&report))?;
    println!("{report}");
    Ok(())
}

/// A linker that takes its turns.
struct Player<'o> {
    entry: &'static Entry,
    linker: Box<dyn Linker + 'o>,
    peak_heap_bytes: Option<usize>,
    times: Vec<Duration>,
}

fn measure(
    object: &ObjectFile,
    path: &Path,
    arguments: &Arguments,
    counts: bool,
) -> Result<Vec<Outcome>> {
    let is_wanted = |entry: &&Entry| {
        let names = &arguments.linkers;
        names.is_empty() || names.iter().any(|name| entry.name.starts_with(&**name))
    };
    let (mut players, mut outcomes) = (Vec::new(), Vec::new());
    for entry in LINKERS.iter().filter(is_wanted) {
        match player(entry, object, path) {
            Ok(player) => players.push(player),
            Err(reason) => outcomes.push(Outcome::refused(entry, reason)),
        }
    }
    let rounds = if arguments.quick {
        QUICK_ROUNDS
    } else {
        ROUNDS
    };
    play(&mut players, &rounds)?;
    for player in players {
        let entry = player.entry;
        // What takes too long while it is counted has been timed all the same.
        let count = || callgrind::count(entry.name, path, &arguments.out).ok();
        let instructions = counts.then(count).flatten();
        let measured = Measured::of(player.times, player.peak_heap_bytes, instructions, object);
        outcomes.push(Outcome::measured(entry, measured));
    }
    let place = |name: &str| LINKERS.iter().position(|entry| entry.name == name);
    outcomes.sort_by_key(|outcome| place(&outcome.linker));
    crate::report::compare(&mut outcomes);
    Ok(outcomes)
}

/// Makes a linker ready that is known to load the object.
fn player<'o>(
    entry: &'static Entry,
    object: &'o ObjectFile,
    path: &Path,
) -> Result<Player<'o>, String> {
    let linker = (entry.prepare)(object)?;
    let answer = callgrind::try_once(entry.name, path).map_err(|error| error.to_string())?;
    Ok(Player {
        entry,
        linker,
        peak_heap_bytes: answer.peak_heap_bytes,
        times: Vec::new(),
    })
}

/// Lets linkers take their turns. A turn is two loads, of which the second counts: what the linker before it left in the
/// caches and in the heap, where some thrash and others run on what they just read, is nobody's gain or loss.
fn play(players: &mut [Player<'_>], rounds: &Rounds) -> Result<()> {
    for round in 0..rounds.most {
        for player in &mut *players {
            let taken: Duration = player.times.iter().sum();
            if round >= rounds.least && taken > rounds.enough {
                continue;
            }
            player.load()?;
            let time = player.load()?;
            player.times.push(time);
        }
    }
    Ok(())
}

impl Player<'_> {
    /// One load; what it took. Freeing isn't measured.
    fn load(&mut self) -> Result<Duration> {
        let start = Instant::now();
        let loaded = self.linker.load();
        let time = start.elapsed();
        let loaded = loaded.map_err(anyhow::Error::msg);
        drop(loaded.with_context(|| self.entry.name)?);
        Ok(time)
    }
}
