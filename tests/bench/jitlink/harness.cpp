// JITLink as a peer in the comparison: one object from bytes in memory to protected memory, by LLVM's own steps. Names that
// the object misses all lie at one address; nothing that was linked is run.

#include "llvm/ExecutionEngine/JITLink/JITLink.h"
#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace llvm;
using namespace llvm::jitlink;

namespace {

// What a link came to.
struct Outcome {
    bool failed = true;
    std::string message = "it neither failed nor ended";
    JITLinkMemoryManager::FinalizedAlloc memory;
};

class Context : public JITLinkContext {
public:
    Context(JITLinkMemoryManager &manager, uint64_t elsewhere, Outcome &outcome)
        : JITLinkContext(nullptr), manager(manager), elsewhere(elsewhere), outcome(outcome) {}

    JITLinkMemoryManager &getMemoryManager() override { return manager; }

    void notifyFailed(Error error) override { outcome.message = toString(std::move(error)); }

    void lookup(const LookupMap &names,
                std::unique_ptr<JITLinkAsyncLookupContinuation> next) override {
        AsyncLookupResult found;
        for (const auto &name : names)
            found[name.first] = JITEvaluatedSymbol(elsewhere, JITSymbolFlags::Exported);
        next->run(std::move(found));
    }

    Error notifyResolved(LinkGraph &) override { return Error::success(); }

    void notifyFinalized(JITLinkMemoryManager::FinalizedAlloc memory) override {
        outcome.memory = std::move(memory);
        outcome.failed = false;
    }

private:
    JITLinkMemoryManager &manager;
    uint64_t elsewhere;
    Outcome &outcome;
};

InProcessMemoryManager &memoryManager() {
    static InProcessMemoryManager manager(4096);
    return manager;
}

int fail(const std::string &message, void **made) {
    *made = strdup(message.c_str());
    return 1;
}

} // namespace

extern "C" int jitlink_link(const uint8_t *bytes, size_t size, uint64_t elsewhere, void **made) {
    StringRef content(reinterpret_cast<const char *>(bytes), size);
    auto graph = createLinkGraphFromObject(MemoryBufferRef(content, "object"));
    if (!graph)
        return fail(toString(graph.takeError()), made);
    Outcome outcome;
    link(std::move(*graph), std::make_unique<Context>(memoryManager(), elsewhere, outcome));
    if (outcome.failed)
        return fail(outcome.message, made);
    *made = new JITLinkMemoryManager::FinalizedAlloc(std::move(outcome.memory));
    return 0;
}

extern "C" void jitlink_free(void *memory) {
    auto *linked = static_cast<JITLinkMemoryManager::FinalizedAlloc *>(memory);
    if (Error error = memoryManager().deallocate(std::move(*linked)))
        consumeError(std::move(error));
    delete linked;
}

extern "C" void jitlink_free_message(void *message) { free(message); }
