using Thimble.Bench;

switch (args)
{
    case ["multiply", .. var rest]:
        MultiplyBench.Run(rest);
        break;
    case ["quantize", .. var rest]:
        QuantizeBench.Run(rest);
        break;
    case ["fork"]:
        ForkBench.Run();
        break;
    case ["flat", .. var rest]:
        FlatBench.Run(rest);
        break;
    case ["run", .. var rest]:
        await GenerateBench.Run(rest);
        break;
    case ["tmac", .. var rest]:
        TMacBench.Run(rest);
        break;
    case ["attention", .. var rest]:
        AttentionBench.Run(rest);
        break;
    case ["serve", .. var rest]:
        await ServeBench.Run(rest);
        break;
    case ["steady", .. var rest]:
        await SteadyBench.Run(rest);
        break;
    case ["step", .. var rest]:
        await StepBench.Run(rest);
        break;
    case ["parrot", .. var rest]:
        await ParrotBench.Run(rest);
        break;
    case ["speculate", .. var rest]:
        await SpeculateBench.Run(rest);
        break;
    case ["load", var model]:
        LoadBench.Run(model);
        break;
    case ["open", "families", .. var rest]:
        FamilyBench.Run(rest);
        break;
    case ["open"]:
        OpenBench.Run();
        break;
    case ["tokenizer", var vocabulary, var text]:
        using (var file = Thimble.Models.Files.ModelFile.Open(vocabulary))
            TokenizerBench.Run(file.Metadata, File.ReadAllText(text));
        break;
    case ["predict", .. var rest]:
        PredictBench.Run(rest);
        break;
    case ["plan", .. var rest]:
        PlanBench.Run(rest);
        break;
    case ["grammar", .. var rest]:
        GrammarBench.Run(rest);
        break;
    case ["stories", var model, var count, var seed, var path]:
        await StoryBench.Run(model, int.Parse(count), ulong.Parse(seed), path);
        break;
    case ["train", .. var rest]:
        TrainBench.Run(rest);
        break;
    case ["adapters", .. var rest]:
        AdapterBench.Run(rest);
        break;
    case ["math", .. var rest]:
        MathTextBench.Run(rest);
        break;
    case ["zeroth", .. var rest]:
        ZerothBench.Run(rest);
        break;
    case ["training-memory", .. var rest]:
        TrainingMemoryBench.Run(rest);
        break;
    case ["fuzz", .. var rest]:
        ReaderFuzz.Run(rest);
        break;
    case ["abuse", .. var rest]:
        await AbuseBench.Run(rest);
        break;
    default:
        Console.Error.WriteLine(
            """
            usage: Thimble.Bench WHAT
              multiply [FORMATS] | quantize [FORMATS] | flat [FORMAT] | fork | tmac [ROUNDS] [FORMATS] | attention [CELLS|softmax] [ROUNDS]
              run [MODEL] | serve [all|MODEL|default|random [CHATS AT ONCE ...]] | step [MODEL|default [SEQUENCES ...]] | steady [REQUESTS] | abuse [SHARE]
              parrot [chain|map|users [USERS PROMPT WRITTEN]|mixed]
              open [families [FOLDER...]] | load MODEL | tokenizer MODEL TEXT | grammar VOCABULARY SCHEMAS [COUNT] | speculate ... | predict [FOLDER] [more] [fit] [save] | plan [PROFILE]
              train [TOKENIZER] | training-memory TOKENIZER | adapters [MODEL [STEPS [SEEDS]]] | math DATA [STEPS] | zeroth [STEPS] | stories MODEL COUNT SEED FILE | fuzz [MINUTES] [TARGET] [FIRST CASE]
            """);
        return 2;
}

return 0;
