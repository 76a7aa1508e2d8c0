//! Lives of several modules that use each other: a program whose archives are generators, unloaded in every order.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use ironlink::memory::MemoryManager;
use ironlink::session::{Input, ModuleId, Session, UnloadError};

/// The program `mutual_objects` in one flavour, whose archives are generators of dylibs `first` and `second`: which modules it
/// is, and which of them each uses.
pub const MUTUAL_OBJECTS: &[(&str, &[&str])] = &[
    ("first.a(add.o)", &[]),
    ("first.a(twice.o)", &["first.a(add.o)"]),
    (
        "mutual_objects",
        &["first.a(twice.o)", "second.a(scale.o)", "second.a(shift.o)"],
    ),
    ("second.a(scale.o)", &["first.a(add.o)"]),
    ("second.a(shift.o)", &["first.a(add.o)"]),
];

/// In how many orders these can be unloaded: the program first, what all use last.
pub const LEGAL_ORDERS: usize = 6;

/// What `ends_in_reverse` says when it is unloaded: those without a priority first, and of one list in its own order,
/// `.fini_array` from its end and `.dtors` from its beginning. Which of the lists comes first, the compiler chooses.
pub const ENDS_IN_REVERSE: [&str; 2] = [
    "older_end older_end_of_second end_of_second end end_200 older_end_150 end_101",
    "end_of_second end older_end older_end_of_second end_200 older_end_150 end_101",
];

/// The objects of `mutual_objects` in a flavour.
pub fn mutual_objects<'a>(files: &[Input<'a>], flavour: &str) -> Vec<Input<'a>> {
    let part = |part| file(files, &alloc::format!("mutual_objects.{part}.{flavour}.o"));
    ["main", "even", "odd"].map(part).to_vec()
}

/// The file of this name.
///
/// # Panics
/// There is none.
pub fn file<'a>(files: &[Input<'a>], name: &str) -> Input<'a> {
    let found = files.iter().find(|file| file.name == name);
    *found.unwrap_or_else(|| panic!("there is no {name}"))
}

/// The modules that are there, each with those that it uses, all in the order of their names.
pub fn uses<M: MemoryManager>(session: &Session<M>) -> Vec<(String, Vec<String>)> {
    let modules = session.modules().unwrap_or_default();
    let name_of = |id: &ModuleId| {
        let module = session.module(*id);
        module.map_or(String::new(), |module| module.name().to_string())
    };
    let mut uses: Vec<(String, Vec<String>)> = (modules.iter())
        .map(|module| {
            let uses = session.dependencies(module.view.id).unwrap_or_default();
            let mut uses: Vec<String> = uses.iter().map(name_of).collect();
            uses.sort();
            (name_of(&module.view.id), uses)
        })
        .collect();
    uses.sort();
    uses
}

/// Unloads the modules of a session in each order of them, loaded afresh for it, as far as that is legal: a module that others
/// use is refused with their names, and then the module that all use is unloaded along with all. `look` is asked whenever all
/// are gone. Gives how many orders were legal to their ends.
///
/// # Panics
/// Something is unloaded, refused or left behind that should not be.
pub fn unload_in_every_order<M: MemoryManager>(
    session: &Session<M>,
    expected: &[(&str, &[&str])],
    load: impl Fn(),
    look: impl Fn(),
) -> usize {
    let mut legal = 0;
    let count = expected.len();
    for number in 0..(1..=count).product() {
        load();
        assert_eq!(uses(session), owned(expected));
        let mut there: Vec<usize> = (0..count).collect();
        for module in permutation(number, count) {
            let name = expected[module].0;
            let mut users: Vec<&str> = (there.iter())
                .map(|&other| expected[other])
                .filter(|(_, uses)| uses.contains(&name))
                .map(|(user, _)| user)
                .collect();
            users.sort_unstable();
            let ended = unload(session, name);
            if users.is_empty() {
                assert_eq!(ended, Ok(()), "{name}");
                there.retain(|&other| other != module);
                continue;
            }
            let Err(UnloadError::InUse {
                module,
                users: told,
            }) = ended
            else {
                panic!("{name} is used by {users:?}, and ended: {ended:?}")
            };
            let told = told.to_string();
            let mut told: Vec<&str> = told.split(", ").collect();
            told.sort_unstable();
            assert_eq!((module.as_str(), told), (name, users));
            break;
        }
        legal += usize::from(there.is_empty());
        if let Some(&bottom) = there.iter().find(|&&module| expected[module].1.is_empty()) {
            let bottom = session.module_named(expected[bottom].0);
            let bottom = bottom.unwrap_or_else(|| panic!("what all use is gone"));
            // SAFETY: no call into any of them is on its way.
            let ended = unsafe { bottom.unload_with_users() };
            assert_eq!(ended, Ok(()));
        }
        assert_eq!(uses(session), []);
        drop(there);
        look();
    }
    legal
}

fn unload<M: MemoryManager>(session: &Session<M>, name: &str) -> Result<(), UnloadError> {
    let module = session.module_named(name);
    let module = module.unwrap_or_else(|| panic!("{name} is gone"));
    // SAFETY: no call into it is on its way.
    unsafe { module.unload() }
}

fn owned(uses: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |(name, uses): &(&str, &[&str])| {
        let uses = uses.iter().map(ToString::to_string).collect();
        (name.to_string(), uses)
    };
    uses.iter().map(owned).collect()
}

/// One of the orders of the numbers below `count`, of which there are as many as the product of 1 to `count`.
fn permutation(mut number: usize, count: usize) -> Vec<usize> {
    let mut order = Vec::new();
    for item in 0..count {
        let places = item + 1;
        order.insert(number % places, item);
        number /= places;
    }
    order
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::permutation;

    #[test]
    fn all_orders_are_there_once() {
        let mut orders: Vec<Vec<usize>> = (0..120).map(|number| permutation(number, 5)).collect();
        orders.sort();
        orders.dedup();
        assert_eq!(orders.len(), 120);
        assert!(orders.iter().flatten().all(|item| *item < 5));
    }
}
