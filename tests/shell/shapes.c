// Functions of all shapes that the shell calls, and `main`, for its tests.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long digits(long a, long b, long c, long d, long e, long f) {
    return ((((a * 10 + b) * 10 + c) * 10 + d) * 10 + e) * 10 + f;
}

int negated(int number) { return -number; }

unsigned long length(const char *text) { return strlen(text); }

void *nowhere(void) { return (void *)0x10; }

int crash(int *where) {
    *where = 1;
    return 0;
}

void leave(int status) { exit(status); }

void give_up(void) { abort(); }

int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        printf("%d: %s\n", i, argv[i]);
    }
    return argc;
}
