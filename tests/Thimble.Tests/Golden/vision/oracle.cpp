// usage: oracle LIB text.gguf mmproj.gguf image.rgb w h out.bin
#include "llama.h"
#include "tools/mtmd/mtmd.h"
#include "tools/mtmd/mtmd-helper.h"
#include <dlfcn.h>
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <string>
template <class F> F sym(void * h, const char * n) { void * p = dlsym(h, n); if (!p) { fprintf(stderr, "no %s\n", n); exit(2);} return (F) p; }
#define S(name) auto p_##name = sym<decltype(&name)>(h, #name)
int main(int c, char ** v) {
    void * h = dlopen(v[1], RTLD_LAZY | RTLD_GLOBAL);
    if (!h) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    S(llama_backend_init); S(llama_model_default_params); S(llama_model_load_from_file); S(llama_context_default_params); S(llama_init_from_model);
    S(mtmd_context_params_default); S(mtmd_init_from_file); S(mtmd_bitmap_init); S(mtmd_input_chunks_init); S(mtmd_tokenize); S(mtmd_input_chunks_size);
    S(mtmd_input_chunks_get); S(mtmd_input_chunk_get_type); S(mtmd_input_chunk_get_tokens_text); S(mtmd_input_chunk_get_n_tokens); S(mtmd_encode_chunk);
    S(mtmd_get_output_embd); S(mtmd_helper_eval_chunks); S(llama_get_logits_ith); S(llama_model_get_vocab); S(llama_vocab_n_tokens); S(llama_model_n_embd_inp); S(mtmd_input_chunk_get_n_pos);
    p_llama_backend_init();
    auto mp = p_llama_model_default_params(); mp.n_gpu_layers = 0;
    auto * model = p_llama_model_load_from_file(v[2], mp);
    if (!model) { fprintf(stderr, "no model\n"); return 1; }
    auto cp = p_llama_context_default_params(); cp.n_ctx = 4096; cp.n_batch = 2048; cp.n_ubatch = 2048; cp.type_k = (decltype(cp.type_k)) 0; cp.type_v = (decltype(cp.type_v)) 0; cp.n_threads = 1; cp.n_threads_batch = 1;
    cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    auto * ctx = p_llama_init_from_model(model, cp);
    auto xp = p_mtmd_context_params_default(); xp.use_gpu = false; xp.n_threads = 1; xp.warmup = false; xp.media_marker = "<__media__>"; xp.print_timings = false;
    xp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    auto * m = p_mtmd_init_from_file(v[3], model, xp);
    if (!m) { fprintf(stderr, "no mtmd\n"); return 1; }
    int w = atoi(v[5]), ht = atoi(v[6]);
    std::vector<unsigned char> px(3ull * w * ht);
    FILE * f = fopen(v[4], "rb"); if (fread(px.data(), 1, px.size(), f) != px.size()) return 3; fclose(f);
    auto * bm = p_mtmd_bitmap_init(w, ht, px.data());
    auto * chunks = p_mtmd_input_chunks_init();
    mtmd_input_text text{}; text.text = "ab <__media__> cd"; text.text_len = 17; text.add_special = true; text.parse_special = true;
    const mtmd_bitmap * bms[1] = { bm };
    int r = p_mtmd_tokenize(m, chunks, &text, bms, 1);
    if (r) { fprintf(stderr, "tokenize %d\n", r); return 1; }
    FILE * o = fopen(v[7], "wb");
    int n = (int) p_mtmd_input_chunks_size(chunks), width = p_llama_model_n_embd_inp(model);
    fwrite(&n, 4, 1, o); fwrite(&width, 4, 1, o);
    for (int i = 0; i < n; i++) {
        auto * ch = p_mtmd_input_chunks_get(chunks, i);
        int t = p_mtmd_input_chunk_get_type(ch), k = (int) p_mtmd_input_chunk_get_n_tokens(ch);
        fwrite(&t, 4, 1, o); fwrite(&k, 4, 1, o);
        if (t == MTMD_INPUT_CHUNK_TYPE_TEXT) { size_t nt; auto * tk = p_mtmd_input_chunk_get_tokens_text(ch, &nt); fwrite(tk, 4, nt, o); fprintf(stderr, "text %zu\n", nt); }
        else { if (p_mtmd_encode_chunk(m, ch)) { fprintf(stderr, "encode failed\n"); return 1; } fwrite(p_mtmd_get_output_embd(m), 4, (size_t) k * width, o); fprintf(stderr, "image %d pos %d\n", k, (int) p_mtmd_input_chunk_get_n_pos(ch)); }
    }
    llama_pos past = 0;
    r = p_mtmd_helper_eval_chunks(m, ctx, chunks, 0, 0, 2048, true, &past);
    if (r) { fprintf(stderr, "eval %d\n", r); return 1; }
    int vocab = p_llama_vocab_n_tokens(p_llama_model_get_vocab(model));
    fwrite(&vocab, 4, 1, o); fwrite(p_llama_get_logits_ith(ctx, -1), 4, vocab, o); fclose(o);
    fprintf(stderr, "ok past %d vocab %d\n", (int) past, vocab);
    _Exit(0);
}
