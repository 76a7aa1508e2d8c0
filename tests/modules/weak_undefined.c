/* Undefined weak symbols: their address is zero, whether function or data, and a program may ask before it calls. */
#include "check.h"

extern int absent_function(int) __attribute__((weak));
extern int absent_data __attribute__((weak));

static int (*const table[])(int) = {absent_function};

int main(void)
{
    CHECK(absent_function == 0);
    CHECK(&absent_data == 0);
    CHECK(table[UNKNOWN(int, 0)] == 0);
    if (absent_function)
        return absent_function(1);
    if (&absent_data)
        return absent_data;
    return 0;
}
