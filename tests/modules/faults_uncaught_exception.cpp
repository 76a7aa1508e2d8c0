// An exception that nobody catches ends the program by name.
__attribute__((noinline)) static void fail(int code)
{
    throw code;
}

int main()
{
    fail(7);
    return 0;
}
