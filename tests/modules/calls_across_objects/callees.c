/* Functions that the other object calls, some of which call back. */
int add(int a, int b)
{
    return a + b;
}

int twice(int (*function)(int), int x)
{
    return function(function(x));
}

int is_odd(unsigned n);

int is_even(unsigned n)
{
    return n == 0 ? 1 : is_odd(n - 1);
}
