//! What a module's life leaves and tells: names, places, initializers.

use alloc::string::ToString;
use alloc::vec;

use ironlink::base::Machine;
use ironlink::session::{Input, LoadError, LookupError};
use ironlink_kernel::guard::Outcome;
use ironlink_kernel::{Kernel, kernel_test};
use ironlink_tests::object_file::{ObjectFile, Relocation, Section, Symbol, elf};

use super::programs::{self, Module};
use super::snapshot::Snapshot;

/// The machine that this kernel runs on.
pub(crate) fn this_machine() -> Machine {
    Machine::HOST.expect("Ironlink links for this machine")
}

kernel_test! {
    fn a_module_is_unloaded_without_a_trace(kernel) {
        let bytes = ObjectFile::good(this_machine()).to_bytes();
        let before = Snapshot::of(kernel);
        for _ in 0..10 {
            // SAFETY: the object's code only returns.
            let module = unsafe { kernel.load("good.o", &[Input::new("good.o", &bytes)]) };
            let module = module.unwrap_or_else(|error| panic!("{error}"));
            assert!(matches!(programs::call(&module), Outcome::Exited(0)));
            assert_ne!(Snapshot::of(kernel), before);
            // SAFETY: its `main` has returned.
            unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
            before.assert_same_now(kernel);
        }
    }

    fn an_address_is_told_by_module_symbol_and_offset(kernel) {
        let module = load_good(kernel);
        let main = module.address("main").expect("it is exported");
        let location = kernel.addresses().locate(main.checked_add(2).expect("code is not at the end"));
        assert_eq!(location.map(|it| it.to_string()).as_deref(), Some("good.o: main+0x2"));
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
        assert!(kernel.addresses().locate(main).is_none());
    }

    fn data_are_not_called_and_unknown_names_not_found(kernel) {
        let module = load_good(kernel);
        let data = module.function::<unsafe extern "C" fn()>("data").map(|_| ());
        assert!(matches!(data, Err(LookupError::NotCallable { .. })), "{data:?}");
        let nothing = module.function::<unsafe extern "C" fn()>("nothing").map(|_| ());
        assert!(matches!(nothing, Err(LookupError::Missing { .. })), "{nothing:?}");
        // SAFETY: nothing of it runs.
        unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
    }

    fn an_initializer_that_faults_undoes_the_load(kernel) {
        let machine = this_machine();
        let mut object = ObjectFile::good(machine);
        let undefined_instruction = match machine {
            Machine::X86_64 => vec![0x0f, 0x0b],
            Machine::Aarch64 => vec![0; 4],
        };
        object.sections.push(Section::text(".text.init", undefined_instruction));
        object.symbols.push(Symbol::function("bad_initializer", 3));
        let kind = object.address_relocation();
        object.sections.push(Section {
            kind: elf::SHT_INIT_ARRAY,
            relocations: vec![Relocation { offset: 0, symbol: 2, kind, addend: 0 }],
            ..Section::data(".init_array", vec![0; 8])
        });
        let bytes = object.to_bytes();
        let before = Snapshot::of(kernel);
        // SAFETY: its initializer only faults, which is guarded.
        let loaded = unsafe { kernel.session().load("init.o", &bytes) };
        let error = loaded.map(|_| ()).expect_err("its initializer faults");
        assert!(matches!(error, LoadError::Initializer { .. }), "{error}");
        assert!(error.to_string().contains("bad_initializer"), "{error}");
        before.assert_same_now(kernel);
    }

    fn a_resolver_that_faults_undoes_the_load(kernel) {
        let machine = this_machine();
        let mut object = ObjectFile::good(machine);
        let undefined_instruction = match machine {
            Machine::X86_64 => vec![0x0f, 0x0b],
            Machine::Aarch64 => vec![0; 4],
        };
        object.sections.push(Section::text(".text.choose", undefined_instruction));
        object.symbols.push(Symbol {
            info: elf::GLOBAL_IFUNC,
            ..Symbol::function("bad_choice", 3)
        });
        let kind = object.address_relocation();
        object.sections.push(Section {
            relocations: vec![Relocation { offset: 0, symbol: 2, kind, addend: 0 }],
            ..Section::data(".data.chosen", vec![0; 8])
        });
        let bytes = object.to_bytes();
        let before = Snapshot::of(kernel);
        // SAFETY: its resolver only faults, which is guarded.
        let loaded = unsafe { kernel.session().load("choice.o", &bytes) };
        let error = loaded.map(|_| ()).expect_err("its resolver faults");
        assert!(matches!(error, LoadError::Link { .. }), "{error}");
        assert!(error.to_string().contains("bad_choice"), "{error}");
        before.assert_same_now(kernel);
    }

    fn a_smashed_stack_ends_the_program_by_name(kernel) {
        for flavour in ["gcc-stack-protector", "clang-stack-protector"] {
            let name = alloc::format!("faults_smashed_stack.{flavour}");
            let program = programs::named(kernel, &name);
            let module = programs::load(kernel, &program).unwrap_or_else(|error| panic!("{error}"));
            let outcome = programs::call(&module);
            // SAFETY: its `main` has ended.
            unsafe { module.unload() }.unwrap_or_else(|error| panic!("{error}"));
            let Outcome::Aborted(reason) = outcome else { panic!("{outcome}") };
            assert!(reason.as_str().contains("stack"), "{reason}");
        }
    }
}

/// A module of the good object, with a symbol for its data.
pub(crate) fn load_good(kernel: &'static Kernel) -> Module {
    let mut object = ObjectFile::good(this_machine());
    object.symbols.push(Symbol {
        info: elf::GLOBAL_OBJECT,
        ..Symbol::function("data", 2)
    });
    object.sections[1].bytes[..4].copy_from_slice(&RETURN);
    object.sections.push(Section {
        flags: elf::SHF_ALLOC,
        ..Section::data(".rodata", RETURN.to_vec())
    });
    object.symbols.push(Symbol {
        info: elf::GLOBAL_OBJECT,
        ..Symbol::function("constant", 3)
    });
    // SAFETY: the object's code only returns.
    let module = unsafe { kernel.session().load("good.o", &object.to_bytes()) };
    module.unwrap_or_else(|error| panic!("{error}"))
}

/// Loads the good object and gives it back.
pub(crate) fn load_good_and_unload(kernel: &'static Kernel) {
    // SAFETY: nothing of it ever ran.
    unsafe { load_good(kernel).unload() }.unwrap_or_else(|error| panic!("{error}"));
}

/// Machine code that returns at once.
#[cfg(target_arch = "x86_64")]
const RETURN: [u8; 4] = [0xc3, 0x90, 0x90, 0x90];
#[cfg(target_arch = "aarch64")]
const RETURN: [u8; 4] = 0xd65f_03c0_u32.to_le_bytes();
