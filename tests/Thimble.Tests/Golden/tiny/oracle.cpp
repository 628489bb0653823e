// usage: oracle LIBRARY OUT MODEL.gguf...   logits of every model after tokens (37 i) mod 128, i = 0…39, in OUT/NAME.logits
#include "llama.h"
#include <dlfcn.h>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
template <class F> F sym(void * h, const char * n) { void * p = dlsym(h, n); if (!p) { fprintf(stderr, "no %s\n", n); exit(2);} return (F) p; }
#define S(name) auto p_##name = sym<decltype(&name)>(h, #name)
int main(int c, char ** v) {
    void * h = dlopen(v[1], RTLD_LAZY | RTLD_GLOBAL);
    if (!h) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    S(llama_backend_init); S(llama_model_default_params); S(llama_model_load_from_file); S(llama_context_default_params); S(llama_init_from_model);
    S(llama_batch_get_one); S(llama_decode); S(llama_get_logits_ith); S(llama_model_get_vocab); S(llama_vocab_n_tokens); S(llama_log_set);
    p_llama_backend_init();
    p_llama_log_set([](lm_ggml_log_level l, const char * t, void *) { if (l == LM_GGML_LOG_LEVEL_ERROR) fputs(t, stderr); }, nullptr);
    for (int a = 3; a < c; a++) {
        std::string path = v[a], name = path.substr(path.find_last_of('/') + 1);
        auto mp = p_llama_model_default_params(); mp.n_gpu_layers = 0;
        auto * model = p_llama_model_load_from_file(v[a], mp);
        if (!model) { fprintf(stderr, "%s: not loaded\n", name.c_str()); continue; }
        auto cp = p_llama_context_default_params(); cp.n_ctx = 256; cp.n_batch = 64; cp.n_ubatch = 64; cp.type_k = (decltype(cp.type_k)) 0; cp.type_v = (decltype(cp.type_v)) 0;
        cp.n_threads = 1; cp.n_threads_batch = 1; cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
        auto * ctx = p_llama_init_from_model(model, cp);
        if (!ctx) { fprintf(stderr, "%s: no context\n", name.c_str()); continue; }
        int vocab = p_llama_vocab_n_tokens(p_llama_model_get_vocab(model));
        std::vector<float> kept;
        bool ok = true;
        for (int i = 0; i < 40 && ok; i++) {
            llama_token t = (i * 37) % 128;
            ok = p_llama_decode(ctx, p_llama_batch_get_one(&t, 1)) == 0;
            if (ok && i % 8 == 7) { float * l = p_llama_get_logits_ith(ctx, -1); kept.insert(kept.end(), l, l + vocab); }
        }
        if (!ok) { fprintf(stderr, "%s: not decoded\n", name.c_str()); continue; }
        FILE * f = fopen((std::string(v[2]) + "/" + name.substr(0, name.size() - 5) + ".logits").c_str(), "wb");
        fwrite(kept.data(), 4, kept.size(), f); fclose(f);
        fprintf(stderr, "%s: ok, vocabulary %d\n", name.c_str(), vocab);
    }
    _Exit(0);
}
