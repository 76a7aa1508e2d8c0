/* Hidden and protected symbols of another object in the same module resolve; a hidden weak undefined one is zero. */
#include "../check.h"

extern int hidden_data __attribute__((visibility("hidden")));
int hidden_function(int x) __attribute__((visibility("hidden")));
int protected_function(int x);
int hidden_absent(void) __attribute__((weak, visibility("hidden")));

int main(void)
{
    CHECK(hidden_data == 11);
    CHECK(hidden_function(UNKNOWN(int, 1)) == 12);
    CHECK(protected_function(1) == 24);
    CHECK(hidden_absent == 0);
    return 0;
}
