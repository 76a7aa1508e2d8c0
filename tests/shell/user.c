// Is linked to counter.c in one load or in two, for the shell's tests.
#include <stdio.h>
#include <stdlib.h>

extern long advance(long times);

static void say_goodbye(void) { puts("goodbye"); }

__attribute__((constructor)) static void greet(void) {
    puts("hello");
    atexit(say_goodbye);
}

long twice(long times) { return advance(times) + advance(times); }
