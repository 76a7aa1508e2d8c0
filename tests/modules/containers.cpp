//@ options: -std=c++17
// Containers and owners of the standard headers: templates instantiated here, over operator new and delete.
#include "check.h"
#include <memory>
#include <optional>
#include <vector>

static int alive;

struct Counted {
    explicit Counted(int value) : value(value) { alive++; }
    Counted(const Counted &other) : value(other.value) { alive++; }
    ~Counted() { alive--; }
    int value;
};

static std::vector<Counted> made(int count)
{
    std::vector<Counted> all;
    for (int i = 0; i < count; i++)
        all.emplace_back(i);
    return all;
}

int main()
{
    {
        std::vector<Counted> all = made(UNKNOWN(int, 100));
        CHECK(all.size() == 100 && all[99].value == 99 && alive == 100);
        all.erase(all.begin() + 10, all.begin() + 60);
    }
    CHECK(alive == 0);
    {
        auto one = std::make_unique<Counted>(7);
        std::unique_ptr<Counted> other = std::move(one);
        CHECK(!one && other->value == 7 && alive == 1);
    }
    CHECK(alive == 0);
    std::optional<int> perhaps;
    CHECK(!perhaps && perhaps.value_or(UNKNOWN(int, 5)) == 5);
    return 0;
}
