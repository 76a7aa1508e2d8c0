/* Functions with arrays on their stack, which -fstack-protector-strong guards, return when nothing smashed them. */
#include "check.h"
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static int digits_of(int number)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%d", number);
    int sum = 0;
    for (int i = 0; i < length; i++)
        sum += text[i] - '0';
    return sum;
}

__attribute__((noinline)) static int deep(int depth)
{
    char scratch[64];
    memset(scratch, depth, sizeof scratch);
    return depth == 0 ? scratch[5] : deep(depth - 1) + ((volatile char *)scratch)[63];
}

int main(void)
{
    CHECK(digits_of(UNKNOWN(int, 12345)) == 15);
    CHECK(deep(UNKNOWN(int, 20)) == 210);
    return 0;
}
