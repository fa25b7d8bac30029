namespace SdAspire.WebUi.Gallery;

/// <summary>States in the order of their ids.</summary>
internal sealed class StateList
{
    // Ids sort by time: those who come go to the end, where an array is faster than a tree, as it is for who looks through all.
    private readonly List<GenerationState> _states = [];

    // Who looks for words reads nothing else of nearly all.
    private readonly List<string> _prompts = [];

    public int Count => _states.Count;

    public GenerationState this[int place] => _states[place];

    public string PromptAt(int place) => _prompts[place];

    /// <summary>Adds a state, or replaces the one with its id.</summary>
    public void Put(GenerationState state)
    {
        var place = Find(state.Task.Id);
        if (place >= 0)
        {
            (_states[place], _prompts[place]) = (state, state.Task.Prompt);
            return;
        }
        _states.Insert(~place, state);
        _prompts.Insert(~place, state.Task.Prompt);
    }

    public void Remove(string id)
    {
        var place = Find(id);
        if (place < 0)
            return;
        _states.RemoveAt(place);
        _prompts.RemoveAt(place);
    }

    /// <summary>Where the first one is that is not before the id.</summary>
    public int FirstFrom(string id)
    {
        var place = Find(id);
        return place >= 0 ? place : ~place;
    }

    private int Find(string id)
    {
        if (_states is [.., var last] && string.CompareOrdinal(last.Task.Id, id) < 0)
            return ~_states.Count;
        var (from, to) = (0, _states.Count - 1);
        while (from <= to)
        {
            var middle = (from + to) / 2;
            var order = string.CompareOrdinal(_states[middle].Task.Id, id);
            if (order == 0)
                return middle;
            if (order < 0)
                from = middle + 1;
            else
                to = middle - 1;
        }
        return ~from;
    }
}
