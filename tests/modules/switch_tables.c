/* A dense switch becomes a table of addresses or of distances; so does one on strings' addresses. */
#include "check.h"

__attribute__((noinline)) static int price(int item)
{
    switch (item) {
    case 0: return UNKNOWN(int, 17);
    case 1: return UNKNOWN(int, 4) * 3;
    case 2: return UNKNOWN(int, 99) - 1;
    case 3: return UNKNOWN(int, 1) << 9;
    case 4: return UNKNOWN(int, 64) / 5;
    case 5: return UNKNOWN(int, 5) ^ 3;
    case 6: return UNKNOWN(int, 6) | 8;
    case 7: return UNKNOWN(int, 15) & 6;
    case 8: return -UNKNOWN(int, 8);
    case 9: return UNKNOWN(int, 1000);
    default: return -1;
    }
}

__attribute__((noinline)) static const char *name(int item)
{
    switch (item) {
    case 10: return "ten";
    case 11: return "eleven";
    case 12: return "twelve";
    case 13: return "thirteen";
    case 14: return "fourteen";
    case 15: return "fifteen";
    default: return "?";
    }
}

int main(void)
{
    static const int expected[] = {17, 12, 98, 512, 12, 6, 14, 6, -8, 1000, -1};
    for (int item = 0; item <= 10; item++)
        CHECK(price(item) == expected[item]);
    CHECK(price(-1) == -1);
    CHECK(name(UNKNOWN(int, 12))[2] == 'e' && name(15)[3] == 't' && name(99)[0] == '?');
    return 0;
}
