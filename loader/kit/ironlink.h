/*
 * ironlink.h: what a module says of itself to the linker that loads it. C11, C++11 and up; gcc and clang.
 *
 *     IRONLINK_MODULE("clock", "1.2", "MIT", clock_init, clock_exit);
 *     IRONLINK_EXPORT(clock_read);
 *     IRONLINK_NEEDS_KERNEL;               (of ironlink_kernel.h)
 *
 * Each stands outside of functions, after what it names is declared, and ends in a semicolon. It puts a record into a
 * section of its own, which the linker reads while it loads the module and then leaves out of memory. Don't compile with
 * -flto: a module is an object, not what a compiler keeps for later.
 */
#ifndef IRONLINK_H
#define IRONLINK_H

#include <stdint.h>

/* The layout of the records below. The linker refuses any other. */
#define IRONLINK_FORMAT 1

/* What the module is called, and what is called in it. In section .ironlink.module. Texts end in a zero byte. */
struct ironlink_module_record {
    uint32_t format;
    uint32_t size_bytes;
    char name[64];
    char version[32];
    char licence[32];
    int (*init)(void);
    void (*exit)(void);
};

/* What the module was built against. In section .ironlink.interface, its entries behind it in the order of their names. */
struct ironlink_interface_header {
    uint32_t format;
    uint32_t count;
    char name[48];
    uint64_t hash;
};

/* A name of an interface, and the version that it has there. */
struct ironlink_interface_entry {
    char name[56];
    uint64_t version;
};

#if defined(__cplusplus)
#define IRONLINK_ASSERT_ static_assert
#else
#define IRONLINK_ASSERT_ _Static_assert
#endif

/* Where linkers drop what nothing refers to, `retain` keeps the records; compilers that don't know it need it less. */
#define IRONLINK_RETAIN_
#if defined(__has_attribute)
#if __has_attribute(retain)
#undef IRONLINK_RETAIN_
#define IRONLINK_RETAIN_ , __retain__
#endif
#endif

#define IRONLINK_RECORD_(section) \
    __attribute__((__section__(section), __used__, __aligned__(8) IRONLINK_RETAIN_))

/* In place of a function: there is none. */
#if defined(__cplusplus)
#define IRONLINK_NONE nullptr
#else
#define IRONLINK_NONE 0
#endif

/*
 * Describes the module: once in all that is loaded together. `init` is an `int (void)` that runs once the module is linked
 * and its constructors have run; what it returns fails the load if it is not 0. `exit` is a `void (void)` that runs before
 * the module is unloaded. Either may be IRONLINK_NONE, and static.
 */
#define IRONLINK_MODULE(name, version, licence, init, exit)                                                             \
    IRONLINK_ASSERT_(sizeof(name) > 1 && sizeof(name) <= 64, "a module's name has 1 to 63 bytes");                      \
    IRONLINK_ASSERT_(sizeof(version) <= 32, "a module's version has at most 31 bytes");                                 \
    IRONLINK_ASSERT_(sizeof(licence) <= 32, "a module's licence has at most 31 bytes");                                 \
    static const struct ironlink_module_record ironlink_module_record IRONLINK_RECORD_(".ironlink.module") = {          \
        IRONLINK_FORMAT, sizeof(struct ironlink_module_record), name, version, licence, init, exit}

/*
 * Lets other modules use a function or an object of this one. As long as nothing is exported so, all that has default
 * visibility is; from the first on, only what is exported so. In C++, what is exported has C's linkage, or a name that is
 * not overloaded. It can't be static.
 */
#define IRONLINK_EXPORT(symbol)                                                                                         \
    __extension__ static __typeof__(symbol) *const ironlink_export_##symbol IRONLINK_RECORD_(".ironlink.exports") =     \
        &symbol

/*
 * Says what the module was built against: once in all that is loaded together. Generated headers call it with the name of
 * an interface, the hash over it, and its entries in the order of their names.
 */
#define IRONLINK_INTERFACE(name, hash, count, ...)                                                                      \
    IRONLINK_ASSERT_(sizeof(name) > 1 && sizeof(name) <= 48, "an interface's name has 1 to 47 bytes");                  \
    static const struct {                                                                                               \
        struct ironlink_interface_header header;                                                                        \
        struct ironlink_interface_entry entries[count];                                                                 \
    } ironlink_interface_record IRONLINK_RECORD_(".ironlink.interface") = {{IRONLINK_FORMAT, count, name, hash}, {__VA_ARGS__}}

#endif
