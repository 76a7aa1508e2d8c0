//@ flavours: gcc-default gcc-O2 clang-default
/* What runs at the end, each thing with a word of its own: by priority and in reverse, whichever list names it. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>

/* An entry of a section, as older compilers write it. */
#define ENTRY(section, function) \
    __asm__(".pushsection " section ",\"aw\"\n\t.p2align 3\n\t.quad " #function "\n\t.popsection")

#define SAYS(name)                                        \
    __attribute__((used)) static void name(void) { puts(#name); }

__attribute__((constructor(101))) SAYS(begin_101)
__attribute__((constructor(200))) SAYS(begin_200)
__attribute__((constructor)) SAYS(begin)

__attribute__((destructor(101))) SAYS(end_101)
__attribute__((destructor(200))) SAYS(end_200)
__attribute__((destructor)) SAYS(end)
__attribute__((destructor)) SAYS(end_of_second)
SAYS(older_end_150)
SAYS(older_end)
SAYS(older_end_of_second)
SAYS(at_exit)
SAYS(at_exit_of_second)

/* These arrays run from their beginnings, and count priorities down from 65535. */
ENTRY(".dtors", older_end);
ENTRY(".dtors", older_end_of_second);
ENTRY(".dtors.65385", older_end_150);

int main(void)
{
    CHECK(atexit(at_exit) == 0);
    CHECK(atexit(at_exit_of_second) == 0);
    puts("main");
    return 0;
}
