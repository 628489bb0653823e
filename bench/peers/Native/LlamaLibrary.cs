using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Thimble.Peers.Native;

/// <summary>llama.cpp's C interface, found in a folder at run time.</summary>
/// <remarks>Source: llama.cpp, <c>include/llama.h</c> and <c>ggml/include/ggml-backend.h</c>; names are theirs.</remarks>
internal static unsafe partial class LlamaLibrary
{
    private const string Llama = "llama", Ggml = "ggml", GgmlBase = "ggml-base";

    private static readonly Lock s_gate = new();
    private static string s_folder = "";
    private static string s_lastError = "";

    /// <summary>The last lines that llama.cpp logged as warnings or errors.</summary>
    public static string LastError => s_lastError;

    /// <summary>Loads the library and the variant for this processor.</summary>
    /// <param name="folder">Where <c>libllama*.so</c> and <c>libggml*.so</c> lie.</param>
    /// <exception cref="FileNotFoundException">They do not.</exception>
    public static void Load(string folder)
    {
        s_folder = Path.GetFullPath(folder);
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), Resolve);
        ggml_log_set(&Log, null);
        llama_log_set(&Log, null);
        ggml_backend_load_all_from_path(s_folder);
        llama_backend_init();
        if (ggml_backend_reg_by_name("CPU") == 0)
            throw new FileNotFoundException($"llama.cpp found no CPU backend (libggml-cpu-*.so) in '{s_folder}'. It said: {s_lastError}", s_folder);
    }

    /// <summary>A function of the CPU backend that is loaded, by name.</summary>
    public static nint Function(string name) => ggml_backend_reg_get_proc_address(ggml_backend_reg_by_name("CPU"), name) is not 0 and var address
        ? address
        : throw new EntryPointNotFoundException($"llama.cpp's CPU backend has no function '{name}'.");

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (Llama or Ggml or GgmlBase))
            return 0;
        // Named with a version, libllama.v0.5.0.so, or without one.
        string? file = Directory.Exists(s_folder)
            ? Directory.EnumerateFiles(s_folder, $"lib{name}.*so").Concat(Directory.EnumerateFiles(s_folder, $"lib{name}.so*")).FirstOrDefault()
            : null;
        return NativeLibrary.Load(file ?? throw new FileNotFoundException(
            $"There is no lib{name}*.so in '{s_folder}'; bench/peers/run fetches it, or THIMBLE_PEERS_LIBRARY names its folder.", s_folder));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Log(int level, byte* text, void* user)
    {
        const int warning = 3, error = 4;
        if (level is not (warning or error))
            return;
        string line = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)).Trim();
        lock (s_gate)
            s_lastError = s_lastError.Length > 2000 ? line : $"{s_lastError} {line}".Trim();
    }

    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)]
    private static partial void ggml_backend_load_all_from_path(string folder);

    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ggml_backend_reg_by_name(string name);

    [LibraryImport(GgmlBase, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ggml_backend_reg_get_proc_address(nint registration, string name);

    [LibraryImport(GgmlBase)]
    private static partial void ggml_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> log, void* user);

    [LibraryImport(GgmlBase)]
    public static partial void ggml_threadpool_params_init(byte* parameters, int threads);

    [LibraryImport(Llama)]
    private static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> log, void* user);

    [LibraryImport(Llama)]
    private static partial void llama_backend_init();

    [LibraryImport(Llama)]
    public static partial OpaqueParameters llama_model_default_params();

    [LibraryImport(Llama)]
    public static partial OpaqueParameters llama_context_default_params();

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_model_load_from_file(string path, OpaqueParameters parameters);

    [LibraryImport(Llama)]
    public static partial void llama_model_free(nint model);

    [LibraryImport(Llama)]
    public static partial nint llama_model_get_vocab(nint model);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_n_tokens(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial nint llama_init_from_model(nint model, OpaqueParameters parameters);

    [LibraryImport(Llama)]
    public static partial void llama_free(nint context);

    [LibraryImport(Llama)]
    public static partial uint llama_n_ctx(nint context);

    [LibraryImport(Llama)]
    public static partial uint llama_n_batch(nint context);

    [LibraryImport(Llama)]
    public static partial uint llama_n_ubatch(nint context);

    [LibraryImport(Llama)]
    public static partial uint llama_n_seq_max(nint context);

    [LibraryImport(Llama)]
    public static partial int llama_n_threads(nint context);

    [LibraryImport(Llama)]
    public static partial int llama_n_threads_batch(nint context);

    [LibraryImport(Llama)]
    public static partial void llama_set_n_threads(nint context, int threads, int batchThreads);

    [LibraryImport(Llama)]
    public static partial void llama_attach_threadpool(nint context, nint pool, nint batchPool);

    [LibraryImport(Llama)]
    public static partial void llama_detach_threadpool(nint context);

    [LibraryImport(Llama)]
    public static partial nint llama_get_memory(nint context);

    [LibraryImport(Llama)]
    public static partial byte llama_memory_seq_rm(nint memory, int sequence, int first, int end);

    [LibraryImport(Llama)]
    public static partial void llama_memory_clear(nint memory, byte withContents);

    [LibraryImport(Llama)]
    public static partial int llama_decode(nint context, LlamaBatch batch);

    [LibraryImport(Llama)]
    public static partial void llama_synchronize(nint context);

    [LibraryImport(Llama)]
    public static partial float* llama_get_logits_ith(nint context, int index);
}
