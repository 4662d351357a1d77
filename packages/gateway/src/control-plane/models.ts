// GetModels, GetModel, GetRequestValidators. Same as AWS: a new API has the models Empty and Error, which methods may name, and no
// validator. Missing, and refused by name: models and validators of one's own.

/** The models that every new API has. */
export const MODEL_NAMES: readonly string[] = ['Empty', 'Error'];
