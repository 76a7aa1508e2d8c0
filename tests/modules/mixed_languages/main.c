//@ flavours: gcc-default gcc-O2 gcc-pic-O3 clang-default clang-nopic-O3
/* C, C++ and Rust in one module, calling each other. */
#include "../check.h"

int describe(int (*measure)(const int *numbers, unsigned long count), int *numbers, unsigned long count);
int sum_in_rust(const int *numbers, unsigned long count);

int limit(int value)
{
    return value > 100 ? 100 : value;
}

int main(void)
{
    int numbers[] = {10, 20, 30, 500};
    CHECK(sum_in_rust(numbers, 4) == 160);
    CHECK(describe(sum_in_rust, numbers, 3) == 61);
    return 0;
}
