// Destructors that would run if an exception passed: landing pads and their tables load, though nothing throws.
#include "check.h"

static int open_files;

struct File {
    File() { open_files++; }
    ~File() { open_files--; }
};

int not_known_to_return(int depth);

__attribute__((noinline)) int not_known_to_return(int depth)
{
    File file;
    if (depth == 0)
        return 0;
    int below = not_known_to_return(depth - 1);
    return below + open_files;
}

int main()
{
    CHECK(not_known_to_return(UNKNOWN(int, 3)) == 6);
    CHECK(open_files == 0);
    return 0;
}
