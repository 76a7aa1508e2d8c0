//@ flavours: gcc-default clang-default
/* The third of four initializers writes to nowhere. */
#include <stdio.h>

int *volatile nowhere;

__attribute__((constructor(101))) static void begin_101(void) { puts("begin_101"); }
__attribute__((constructor(102))) static void begin_102(void) { puts("begin_102"); }
__attribute__((constructor(103))) static void begin_103(void) { *nowhere = 1; }
__attribute__((constructor(104))) static void begin_104(void) { puts("begin_104"); }
__attribute__((destructor(101))) static void end_101(void) { puts("end_101"); }
__attribute__((destructor(102))) static void end_102(void) { puts("end_102"); }
__attribute__((destructor(103))) static void end_103(void) { puts("end_103"); }
__attribute__((destructor(104))) static void end_104(void) { puts("end_104"); }
