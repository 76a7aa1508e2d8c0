/* malloc and its family: blocks don't overlap, keep their content when they grow, and are zero where promised. */
#include "check.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 64

static unsigned char *blocks[COUNT];

int main(void)
{
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = malloc((size_t)i * 37 + 1);
        CHECK(blocks[i] && (uintptr_t)blocks[i] % 16 == 0);
        memset(blocks[i], i, (size_t)i * 37 + 1);
    }
    for (int i = 0; i < COUNT; i += 2) {
        blocks[i] = realloc(blocks[i], 5000);
        CHECK(blocks[i]);
    }
    for (int i = 0; i < COUNT; i++)
        for (int at = 0; at <= i * 37; at++)
            CHECK(blocks[i][at] == i);
    for (int i = 0; i < COUNT; i++)
        free(blocks[i]);
    unsigned char *zeroed = calloc(100, 7);
    for (int i = 0; i < 700; i++)
        CHECK(zeroed[i] == 0);
    free(zeroed);
    free(NULL);
    return 0;
}
