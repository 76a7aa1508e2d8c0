/* Sections of many pages, zero and not, and a frame of several pages on the stack. */
#include "check.h"
#include <string.h>

static unsigned char zeroed[1 << 20];
static unsigned char filled[1 << 16] = {1, [65535] = 2};
static const unsigned char constants[1 << 16] = {[40000] = 3};

__attribute__((noinline)) static int sum_of_frame(int seed)
{
    unsigned char frame[12000];
    memset(frame, seed, sizeof frame);
    int sum = 0;
    for (unsigned i = 0; i < sizeof frame; i++)
        sum += ((volatile unsigned char *)frame)[i];
    return sum;
}

int main(void)
{
    for (unsigned i = 0; i < sizeof zeroed; i += 511)
        CHECK(((volatile unsigned char *)zeroed)[i] == 0);
    zeroed[sizeof zeroed - 1] = 9;
    CHECK(zeroed[UNKNOWN(unsigned, sizeof zeroed - 1)] == 9);
    CHECK(filled[UNKNOWN(int, 65535)] == 2 && filled[UNKNOWN(int, 65534)] == 0);
    CHECK(constants[UNKNOWN(int, 40000)] == 3);
    CHECK(sum_of_frame(UNKNOWN(int, 2)) == 24000);
    return 0;
}
