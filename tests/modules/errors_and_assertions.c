/* errno is a call, and an assertion that holds costs no more than a test. */
#include "check.h"
#include <assert.h>
#include <errno.h>

int main(void)
{
    errno = 0;
    CHECK(errno == 0);
    errno = ERANGE;
    CHECK(errno == ERANGE);
    assert(UNKNOWN(int, 1) == 1);
    return 0;
}
