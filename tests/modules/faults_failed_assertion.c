/* An assertion that fails ends the program and says where. */
#include <assert.h>

int main(void)
{
    volatile int truth = 0;
    assert(truth == 1);
    return 0;
}
