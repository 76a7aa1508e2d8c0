//@ options: -fcommon
/* COMMON symbols: both objects' tentative definitions are one variable. */
#include "../check.h"

int shared;
char area[16];
int initialised;
long long aligned_to_eight;
int *other_address_of_shared(void);

int main(void)
{
    CHECK(shared == 0 && aligned_to_eight == 0);
    shared = 3;
    CHECK(other_address_of_shared() == &shared);
    CHECK(initialised == 5);
    CHECK((unsigned long)&aligned_to_eight % 8 == 0);
    volatile char *bytes = area;
    CHECK(bytes[4095] == 0);
    bytes[4095] = 1;
    CHECK(shared == 3);
    return 0;
}
