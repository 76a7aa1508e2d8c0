// Templates of the standard headers that need no library: algorithms, arrays, lambdas, moves.
#include "check.h"
#include <algorithm>
#include <array>
#include <utility>

template <typename Function> static int apply(Function function, int times)
{
    int result = 0;
    for (int i = 0; i < times; i++)
        result += function(i);
    return result;
}

int main()
{
    std::array<int, 8> numbers = {5, 3, 8, 1, 9, 2, 7, 4};
    std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a > b; });
    CHECK(numbers[0] == 9 && numbers[7] == 1);
    int factor = UNKNOWN(int, 3);
    CHECK(apply([factor](int i) { return i * factor; }, 5) == 30);
    std::pair<int, char> pair(1, 'x');
    std::swap(pair.first, numbers[0]);
    CHECK(pair.first == 9 && numbers[0] == 1);
    CHECK(std::count_if(numbers.begin(), numbers.end(), [](int n) { return n % 2; }) == 5);
    return 0;
}
