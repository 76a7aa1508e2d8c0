//@ flavours: gcc-default gcc-O2 clang-default
// Destructors of static objects, each with a word of its own, among functions given to atexit: in the reverse of the order in
// which constructors ended and functions were given.
#include "check.h"
#include <cstdio>
#include <cstdlib>

struct Says {
    explicit Says(const char *begin, const char *end) : end(end) { std::puts(begin); }
    ~Says() { std::puts(end); }
    const char *end;
};

static Says first("first", "~first");
static Says second("second", "~second");
__attribute__((init_priority(200))) Says early("early", "~early");

static void at_exit() { std::puts("at_exit"); }
__attribute__((destructor)) static void end() { std::puts("end"); }

static void meet()
{
    static Says local("local", "~local");
}

int main()
{
    meet();
    CHECK(std::atexit(at_exit) == 0);
    meet();
    std::puts("main");
    return 0;
}
