using System.Globalization;
using Thimble.Lab.Training;

namespace Thimble.Bench;

/// <summary>What drafts are worth, figure by figure; models lie in a folder as they do beside the repository.</summary>
internal static class SpeculateBench
{
    private const string Usage = """
        usage: speculate WHAT
          cost [FORMATS]                                    a run of k rows against one of one
          text FOLDER [MEGABYTES] [QUESTIONS] [DRAFTERS]    speed against plain decoding and tokens a step, by drafter and kind
          check FOLDER [PROMPTS] [TOKENS] [QUESTIONS]       every drafter's texts against plain decoding's
          stream FOLDER [PROMPTS] [RATE·10⁶] [STEPS]         OmniDraft's acceptance over a stream, in stages
          ladder FOLDER [MEGABYTES] [BUDGET] [MB/S]         LLMCad's ladder
          heads FOLDER OUTPUT [TEXTS]                       trains Medusa heads for the target
          memory FOLDER HEADS [MEGABYTES]                   SpecMemo's speed against memory
        FOLDER holds ple-tinystories-int4 and stories260K; QUESTIONS is a question.jsonl of Spec-Bench or MT-Bench.
        """;

    private static string s_folder = "";

    private static string Target => Model("ple-tinystories-int4/ple-c3M-s0.bin");

    private static string Small => Model("ple-tinystories-int4/ple-c1M-s0.bin");

    private static string Other => Model("stories260K/stories260K.bin");

    private static string[] Drafters =>
        ["auto", "lookahead", "exit:2", "exit:4", Small, Model("ple-tinystories-int4/ple-d32-s0.bin"), Model("ple-tinystories-int4/gru-c1.5M-s0.bin"), Other];

    public static async Task Run(string[] args)
    {
        if (args.Length > 1 && args[0] != "cost")
            s_folder = args[1];
        switch (args)
        {
            case ["cost", .. var formats]:
                CostCase.Run(formats);
                break;
            case ["text", _, .. var rest]:
                await TextsCase.Run(Target, rest.Length > 2 ? rest[2..] : Drafters, Number(rest, 0, 96), rest.Length > 1 && rest[1] != "-" ? rest[1] : null, each: rest.Length > 2 ? 12 : 3, tokens: Number(rest, 0, 96) > 0 ? 64 : 250);
                break;
            case ["check", _, .. var rest]:
                string[] prompts = [.. Prompts.Stories(1000).Concat(rest.Length > 2 ? Prompts.Questions(rest[2], 20, 200).SelectMany(kind => kind.Texts) : []).Reverse().Take(Number(rest, 0, 200))];
                bool right = await CheckCase.Run(Target, Drafters, prompts, Number(rest, 1, 32));
                right &= CheckCase.Streamed(Target, Small, prompts, Number(rest, 1, 32));
                right &= CheckCase.Distribution(Target, Other, 4000);
                Console.WriteLine(right ? "all right" : "NOT RIGHT");
                break;
            case ["stream", _, .. var rest]:
                StreamCase.Run(Target, Other, Number(rest, 0, 200), Number(rest, 1, 500) * 1e-6f, Number(rest, 2, 2), rest.Length > 3 ? rest[3..] : []);
                break;
            case ["ladder", _, .. var rest]:
                LadderCase.Run(Target, Small, Number(rest, 0, 96), Number(rest, 1, 40), Number(rest, 2, 300));
                break;
            case ["heads", _, var output, .. var rest]:
                HeadsCase.Run(Target, output, Number(rest, 0, 200));
                break;
            case ["memory", _, var heads, .. var rest]:
                MemoryCase.Run(Target, heads, Number(rest, 0, 96));
                break;
            default:
                Console.Error.WriteLine(Usage);
                break;
        }
    }

    private static string Model(string name) => Path.Combine(s_folder, name);

    private static int Number(string[] words, int index, int usual) => words.Length > index ? int.Parse(words[index], CultureInfo.InvariantCulture) : usual;
}
