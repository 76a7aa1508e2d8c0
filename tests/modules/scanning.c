/* sscanf stores through the pointers that it is given, in registers and on the stack. */
#include "check.h"
#include <stdio.h>
#include <string.h>

int main(void)
{
    int a, b, c, d, e;
    char word[16];
    unsigned hex;
    CHECK(sscanf("1 -2 3 word 4 5 ff", "%d %d %d %15s %d %d %x", &a, &b, &c, word, &d, &e, &hex) == 7);
    CHECK(a == 1 && b == -2 && c == 3 && d == 4 && e == 5 && hex == 255 && !strcmp(word, "word"));
    CHECK(sscanf("nothing", "%d", &a) == 0);
    return 0;
}
