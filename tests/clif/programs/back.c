/* Calls back what calls it. */
long twice(long number);

long apply(long number)
{
    return twice(number) + 1;
}
