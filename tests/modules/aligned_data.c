/* Alignments up to a page's hold for each kind of data. */
#include "check.h"
#include <stdint.h>

static char in_bss __attribute__((aligned(4096)));
static char in_data __attribute__((aligned(1024))) = 1;
static const char in_rodata __attribute__((aligned(256))) = 2;
static char beside = 3;

#define LIES_AT(object, alignment) (UNKNOWN(uintptr_t, (uintptr_t)&(object)) % (alignment) == 0)

int main(void)
{
    CHECK(LIES_AT(in_bss, 4096) && LIES_AT(in_data, 1024) && LIES_AT(in_rodata, 256));
    CHECK(in_data == 1 && in_rodata == 2 && in_bss == 0);
    beside++;
    CHECK(UNKNOWN(char, beside) == 4);
    return 0;
}
