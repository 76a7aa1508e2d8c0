/* Complex products call helpers of the compiler's own archive (__muldc3), which pull others. */
#include "check.h"

int main(void)
{
    volatile double _Complex a = 3.0 + 4.0i;
    double _Complex product = a * a;
    CHECK(__real__ product == -7.0 && __imag__ product == 24.0);
    double _Complex quotient = product / a;
    CHECK(__real__ quotient == 3.0 && __imag__ quotient == 4.0);
    return 0;
}
