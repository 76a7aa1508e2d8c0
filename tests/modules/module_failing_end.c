//@ flavours: gcc-default clang-default
/* The second of three destructors writes to nowhere, and one function given to atexit does. */
#include <stdio.h>
#include <stdlib.h>

int *volatile nowhere;

static void at_exit(void) { puts("at_exit"); }
static void fault_at_exit(void) { *nowhere = 1; }

__attribute__((constructor)) static void begin(void)
{
    atexit(at_exit);
    atexit(fault_at_exit);
}

__attribute__((destructor(101))) static void end_101(void) { puts("end_101"); }
__attribute__((destructor(102))) static void end_102(void) { *nowhere = 1; }
__attribute__((destructor(103))) static void end_103(void) { puts("end_103"); }
