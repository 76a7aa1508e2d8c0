//! A load is a transaction: whatever it takes runs out, after every count of it, and all is as it was before.
//!
//! The host and the kernel do the same by this one routine; they differ in how things are made to run out, and in where it is
//! seen what is in use.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use ironlink::base::OutOfMemory;
use ironlink::memory::MemoryManager;
use ironlink::session::plugins::{LoadLog, Standing};
use ironlink::session::{ArchiveGenerator, Input, LoadError, Module, Session, Users};

use crate::archive::archive;
use crate::program::{Expected, Program};

/// What a load takes, and may run out of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource {
    /// Allocations of the heap.
    Heap,
    /// Frames for pages.
    Pages,
    /// Frames for page tables.
    Tables,
    /// Reservations of addresses.
    Window,
    /// Protections of what is reserved.
    Protections,
}

impl Resource {
    /// All resources.
    pub const ALL: [Self; 5] = [
        Self::Heap,
        Self::Pages,
        Self::Tables,
        Self::Window,
        Self::Protections,
    ];

    /// What an error says when it has run out.
    const fn told_by(self) -> &'static str {
        match self {
            Self::Heap => "the heap has no room",
            Self::Pages => "no physical frame is free;",
            Self::Tables => "no physical frame is free for a page table",
            Self::Window => "the module window has no free",
            Self::Protections => "protect failed with error number 12",
        }
    }
}

/// Where programs are loaded, and how it is made to run out of things.
pub trait World {
    /// The memory that modules live in.
    type Memory: MemoryManager;
    /// All that is in use.
    type Digest: PartialEq + fmt::Debug;

    /// The session, made by [`complete`].
    fn session(&self) -> &Session<Self::Memory>;

    /// The log of its loads.
    fn log(&self) -> &LoadLog;

    /// Does `work` while so much more of a resource is given, and no more.
    fn with_only<T>(&self, count: u64, resource: Resource, work: impl FnOnce() -> T) -> T;

    /// What is in use now.
    fn digest(&self) -> Self::Digest;

    /// In how many places W^X is broken.
    fn audit(&self) -> usize;
}

/// After which counts of what a program takes there is no more.
#[derive(Clone, Copy, Debug)]
pub enum Counts {
    /// After every one.
    Every,
    /// Of one flavour each count is tried of each resource, but that steps between frames grow; of the others some of the heap,
    /// other ones each time, and of the other resources one in turn.
    Some {
        /// Which flavour of the program it is.
        flavour: u64,
        /// How many allocations there are from one that fails to the next.
        stride: u64,
    },
}

impl Counts {
    /// Those of a flavour of a program: all if it is the first, number 0, else one allocation of so many.
    pub const fn of_flavour(flavour: u64, stride: u64) -> Self {
        Self::Some { flavour, stride }
    }

    /// The first count of a resource, and how many there are to the next; `None` if the resource is not tried.
    fn of(self, resource: Resource) -> Option<(u64, u64)> {
        let Self::Some { flavour, stride } = self else {
            return Some((0, 1));
        };
        let others = [
            Resource::Pages,
            Resource::Tables,
            Resource::Window,
            Resource::Protections,
        ];
        if flavour == 0 {
            return Some((0, 1));
        }
        if resource == Resource::Heap {
            return Some((flavour % stride, stride));
        }
        let turn = others.iter().cycle().nth(flavour as usize);
        (turn == Some(&resource)).then_some((0, 1))
    }
}

/// The count after this one. Frames are many, and taken in one loop: beyond the first, some are tried unless all are to be.
const fn next(counts: Counts, resource: Resource, count: u64, stride: u64) -> u64 {
    match (counts, resource) {
        (Counts::Some { .. }, Resource::Pages | Resource::Tables) => count + stride + count / 8,
        _ => count + stride,
    }
}

/// How many loads failed, by what ran out.
#[derive(Clone, Copy, Default, Debug)]
pub struct Failures([u64; Resource::ALL.len()]);

impl Failures {
    /// Adds what was tried with another program.
    pub fn add(&mut self, others: Self) {
        for (count, other) in self.0.iter_mut().zip(others.0) {
            *count += other;
        }
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many there were for want of a resource.
    pub fn of(&self, resource: Resource) -> u64 {
        let all = Resource::ALL.iter().zip(self.0);
        let meant = all.filter(|(it, _)| **it == resource);
        meant.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} loads failed", self.total())?;
        for (resource, count) in Resource::ALL.iter().zip(self.0) {
            write!(formatter, ", {resource:?} {count}")?;
        }
        Ok(())
    }
}

/// Adds a log to a session, and lets the session call nothing: initializers succeed, and resolvers choose themselves.
///
/// # Errors
/// The heap has no room.
pub fn complete<M: MemoryManager>(session: &Session<M>) -> Result<LoadLog, OutOfMemory> {
    session.set_code_caller(|function| Ok(function.value() as usize));
    let log = LoadLog::new(4, || 0)?;
    session.add_plugin(log.clone())?;
    Ok(log)
}

/// A program of several objects, of which all but the one with `main` are a library.
pub struct WithLibrary<'p> {
    program: &'p Program<'static>,
    main: [Input<'static>; 1],
}

impl<'p> WithLibrary<'p> {
    /// `None` if no part of the program is called `main`, or no other than that.
    pub fn of(program: &'p Program<'static>) -> Option<Self> {
        let main = program.parts().find(|(part, _)| *part == "main")?.1;
        let others = program.parts().count() > 1;
        others.then_some(Self {
            program,
            main: [*main],
        })
    }

    /// Does what [`try_all`] does, with the session that the library was [attached](Self::attach) to; nothing if the parts can't
    /// be had from there: those that need each other in a circle, or names that only their own component sees.
    ///
    /// # Panics
    /// As [`try_all`] does.
    pub fn try_all<W: World>(&self, world: &W, counts: Counts) -> Failures {
        match load(world, self.program, &self.main) {
            Ok(module) => unload(world, module),
            Err(_) => return Failures::default(),
        }
        try_all(world, self.program, &self.main, counts)
    }

    /// Adds to a session all from which the rest comes: the library as an archive of a dylib of its own, from which it is loaded
    /// as modules apart, each in the midst of another load; and the program's archives, which the main dylib's and the library's
    /// modules are filled from.
    ///
    /// # Errors
    /// An archive is damaged, or the heap has no room.
    pub fn attach<M: MemoryManager>(&self, session: &Session<M>) -> Result<(), LoadError> {
        let parts = self.program.parts().filter(|(part, _)| *part != "main");
        let members: Vec<(&str, &[u8])> = parts.map(|(part, input)| (part, input.bytes)).collect();
        let library = session.create_dylib("library")?;
        library.add_generator(ArchiveGenerator::owned("library.a", archive(&members))?)?;
        for archive in self.program.archives() {
            for dylib in [&library, &session.main_dylib()] {
                dylib.add_generator(ArchiveGenerator::new(archive.name, archive.bytes)?)?;
            }
        }
        Ok(())
    }
}

/// Loads a program while each resource runs out, after each count of it until the load succeeds, and unloads it then. After each
/// of these steps W^X must hold, and after all but the load that succeeds all must be as it was.
///
/// # Panics
/// It isn't, or an error doesn't tell what ran out.
pub fn try_all<W: World>(
    world: &W,
    program: &Program<'_>,
    inputs: &[Input<'_>],
    counts: Counts,
) -> Failures {
    let before = world.digest();
    let mut failures = Failures::default();
    for (resource, failed) in Resource::ALL.into_iter().zip(&mut failures.0) {
        let Some((mut count, stride)) = counts.of(resource) else {
            continue;
        };
        loop {
            let step = Step {
                program,
                resource,
                count,
            };
            let loaded = world.with_only(count, resource, || load(world, program, inputs));
            let is_over = step.judge(&loaded);
            match loaded {
                Ok(module) => {
                    step.check_audit(world);
                    unload(world, module);
                }
                // It may have memory of the heap.
                Err(error) => drop(error),
            }
            step.check_audit(world);
            step.check_log(world);
            assert_eq!(world.digest(), before, "{step}");
            if is_over {
                break;
            }
            *failed += 1;
            count = next(counts, resource, count, stride);
        }
    }
    failures
}

fn load<'w, W: World>(
    world: &'w W,
    program: &Program<'_>,
    inputs: &[Input<'_>],
) -> Result<Module<'w, W::Memory>, LoadError> {
    // SAFETY: nothing of a module runs in this session.
    unsafe { world.session().load_all(&program.name, inputs) }
}

/// Unloads a module, and what was loaded for it.
fn unload<W: World>(world: &W, module: Module<'_, W::Memory>) {
    // SAFETY: nothing of it ever ran, nor will.
    unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    let others = world.session().default_tracker();
    // SAFETY: likewise.
    unsafe { others.remove(Users::Refuse) }.unwrap_or_else(|error| panic!("{error}"));
}

/// One load of many.
#[derive(Clone, Copy)]
struct Step<'p> {
    program: &'p Program<'p>,
    resource: Resource,
    count: u64,
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            program,
            resource,
            count,
        } = self;
        write!(formatter, "{}, {resource:?}, after {count}", program.name)
    }
}

impl Step<'_> {
    /// Whether a load took less than there was: it ended as if there were enough. Panics if it ended in no way that it should.
    fn judge<M: MemoryManager>(&self, loaded: &Result<Module<'_, M>, LoadError>) -> bool {
        let expected = self.program.expected();
        let error = match (loaded, expected) {
            (Ok(_), Expected::Refused(_)) => panic!("{self}: it is not refused"),
            (Ok(_), _) => return true,
            (Err(error), _) => error.to_string(),
        };
        if let Expected::Refused(culprit) = expected
            && error.contains(culprit)
        {
            return true;
        }
        assert!(error.contains(self.resource.told_by()), "{self}: {error}");
        false
    }

    fn check_audit<W: World>(&self, world: &W) {
        assert_eq!(world.audit(), 0, "{self}: W^X is broken");
    }

    /// No load that the log knows is on its way, and no module is there.
    fn check_log<W: World>(&self, world: &W) {
        world.log().for_each(|entry| {
            let is_over = matches!(entry.standing, Standing::Failed { .. } | Standing::Unloaded);
            assert!(is_over, "{self}: the log has {entry}");
        });
    }
}
